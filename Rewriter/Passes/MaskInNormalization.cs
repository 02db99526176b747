using OnnxActNN.Format;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Passes;

/// <summary>
/// Lets the gradient of batch normalization read the mask of the Relu behind it: one pass over the gradient instead of
/// two.
/// </summary>
/// <remarks>
/// 1. A BatchNormalizationGradFromPacked whose dY is the result of a ReluGradFromMask that nobody else reads takes that
/// node's gradient and mask; the node goes.
/// 2. Not where the other elements are scaled (LeakyRelu), or a mask is read already.
/// </remarks>
internal static class MaskInNormalization
{
    private const int Mask = 6;

    public static void Apply(IReadOnlyCollection<PackedPair> pairs)
    {
        foreach (var pair in pairs)
        {
            foreach (var relu in pair.Gradients.Where(IsPlainRelu).ToList())
            {
                if (relu.Output(0) is not { IsGraphOutput: false, Uses: [{ Input: 0, Node: var gradient }] }) continue;
                if (gradient.Operator != PackOperators.BatchNormalizationGradFromPacked || gradient.Inputs.Count > Mask)
                    continue;
                // Rule 1.
                gradient.SetInput(0, relu.Input(0));
                gradient.AddInputs(relu.Input(1));
                pair.Gradients.Remove(relu);
                pair.Gradients.Add(gradient);
                GraphEditor.Remove(relu);
            }
        }
    }

    /// <summary>Rule 2.</summary>
    private static bool IsPlainRelu(Node node) =>
        node.Operator == PackOperators.ReluGradFromMask && node.Attributes.GetFloat(MaskAttributes.Alpha, 0) == 0;
}
