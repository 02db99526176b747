using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Operators;

namespace OnnxActNN.Rewriter.Sensitivity;

/// <summary>
/// Whether a tensor's noise goes into parameters' gradients and nowhere else, by products with a gradient: for these
/// ActNN's formula is exact. Other noise goes on through the backward pass, and what becomes of it is better probed
/// than reckoned.
/// </summary>
internal sealed class ParameterProducts(ForwardBackwardSplit split)
{
    private static readonly HashSet<string> Moves =
        ["Reshape", "Squeeze", "Unsqueeze", "Flatten", "Transpose", "Identity", "Cast", "ReduceSum", "Sum", "Add"];

    /// <summary>Whether all readers of the tensor's values are such products.</summary>
    public bool AreAllReadersOf(SavedTensor tensor) =>
        tensor.Consumers.Where(consumer => consumer.Class == StorageClass.Q).All(consumer => IsProduct(consumer.Use));

    private bool IsProduct(Use use)
    {
        var outputs = use.Node.Results.ToList();
        if (!outputs.Any(split.IsGradient))
            return Moves.Contains(use.Node.Operator.Type) && outputs.All(output => output.Uses.All(IsProduct));
        return use.Node.Operator.Type switch
        {
            "ConvGrad" or "ConvTransposeGrad" => use.Input == 1, // X, a factor of the filter's gradient alone.
            "MatMul" or "FusedMatMul" or "Gemm" => outputs.All(Ends),
            _ => false,
        };
    }

    private static bool Ends(Value gradient) => gradient.Uses.All(use =>
        use.Node.Operator.Type.StartsWith("InPlaceAccumulator", StringComparison.Ordinal)
        || Moves.Contains(use.Node.Operator.Type) && use.Node.Results.All(Ends));
}
