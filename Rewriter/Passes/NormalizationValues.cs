using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Passes;

/// <summary>
/// Values around batch normalizations in training whose dimensions can be renamed without harm to ONNX Runtime's
/// optimizers.
/// </summary>
/// <remarks>
/// 1. What only such normalizations and packs read, and results of such normalizations.
/// 2. Results of Relu, Clip, of pass-throughs, and of sums that have only such summands or graph inputs.
/// 3. Not a summand next to a convolution's result, which ONNX Runtime fuses where the shapes are equal; nor what is
/// made of it.
/// </remarks>
internal static class NormalizationValues
{
    private static readonly HashSet<OperatorId> Normalizations =
        [new OperatorId(OperatorId.Microsoft, "BatchNormInternal"), PackOperators.BatchNormalizationInPlace];
    private static readonly HashSet<OperatorId> Activations = [OperatorId.Onnx("Relu"), OperatorId.Onnx("Clip")];
    private static readonly OperatorId Convolution = OperatorId.Onnx("Conv");
    private static readonly HashSet<OperatorId> Sums =
        [OperatorId.Onnx("Add"), OperatorId.Onnx("Sum"), PackOperators.AddInPlace];

    public static GraphItemSet<Value> Find(Graph graph, GraphItemSet<Node> forward)
    {
        var found = new GraphItemSet<Value>();
        foreach (var node in graph.Nodes)
        {
            if (!forward.Contains(node)) continue;
            foreach (var value in node.Results)
            {
                if (IsOne(value, found, forward)) found.Add(value);
            }
        }
        return found;
    }

    private static bool IsOne(Value value, GraphItemSet<Value> found, GraphItemSet<Node> forward) =>
        !value.IsGraphOutput && IsCandidate(value, found, forward) && !IsSummandBesideConvolution(value); // Rule 3.

    private static bool IsCandidate(Value value, GraphItemSet<Value> found, GraphItemSet<Node> forward)
    {
        var node = value.Producer!;
        if (Normalizations.Contains(node.Operator)) return value.OutputIndex == 0;
        if (PackOperators.PassThroughOutput(node.Operator) == value.OutputIndex)
            return node.Input(0) is { } source && found.Contains(source);
        if (Activations.Contains(node.Operator)) return found.Contains(node.Input(0)!);
        if (Sums.Contains(node.Operator)) return SumsUp(node, found);
        return AreNormalizationsInputs(value.Uses, forward);
    }

    private static bool SumsUp(Node node, GraphItemSet<Value> found) =>
        node.Inputs.All(input => input is not null && found.Contains(input));

    private static bool AreNormalizationsInputs(UseList uses, GraphItemSet<Node> forward)
    {
        foreach (var use in uses)
        {
            if (!IsNormalizationsInput(use, forward)) return false;
        }
        return uses.Count > 0;
    }

    private static bool IsNormalizationsInput(Use use, GraphItemSet<Node> forward) =>
        use.Input == 0 && forward.Contains(use.Node)
        && (Normalizations.Contains(use.Node.Operator)
            || PackOperators.PassThroughOutput(use.Node.Operator) is >= 0 and var output
            && use.Node.Output(output) is { } passed && AreNormalizationsInputs(passed.Uses, forward));

    private static bool IsSummandBesideConvolution(Value value) =>
        value.Uses.Any(use => Sums.Contains(use.Node.Operator) && use.Node.Inputs.Any(IsOfConvolution));

    private static bool IsOfConvolution(Value? value) =>
        value is not null && BufferViews.Owner(value).Producer?.Operator == Convolution;
}
