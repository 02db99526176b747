using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Training.Prediction;

/// <summary>Which category a buffer of a step belongs to.</summary>
/// <remarks>
/// 1. A gradient that is a graph output is the gradient of a parameter.
/// 2. What does not cross from the forward to the backward pass is working memory.
/// 3. Of what crosses, the results of packs and shape carriers are packed: codes of QuantizePack and DerivativePack,
/// masks of the others.
/// 4. The rest is saved as computed; what is no floating-point tensor counts as masks and indices.
/// </remarks>
internal static class CategoryRules
{
    public static MemoryCategory Of(Value value, TensorType? type, bool crosses, ForwardBackwardSplit split)
    {
        if (value.IsGraphOutput && split.IsGradient(value)) return MemoryCategory.Gradients; // Rule 1.
        if (!crosses) return MemoryCategory.Working; // Rule 2.
        if (PackOperators.IsKept(value)) // Rule 3.
        {
            var op = value.Producer!.Operator;
            var isMask = op == PackOperators.MaskPack || op == PackOperators.IndexPack
                || op == PackOperators.MaxPoolIndexPack;
            return isMask ? MemoryCategory.Masks : MemoryCategory.Packed;
        }
        // Rule 4.
        return type is null || type.ElementType.IsPackableFloat() ? MemoryCategory.Saved : MemoryCategory.Masks;
    }
}
