using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Analysis;

/// <summary>
/// Which values depend on the caller's data. The others are computed from parameters alone (a transposed weight): they
/// are no activations, and noise on them would be noise on the parameters.
/// </summary>
internal sealed class CallerData
{
    private readonly GraphItemSet<Value> _dependent;

    public CallerData(Graph graph)
    {
        var data = InputRoles.Of(graph).Where(input => input.Role == InputRole.Data).Select(input => input.Input);
        var generated = graph.Nodes.Where(node => node.Inputs.Count == 0 && node.Operator.Type != "Constant")
            .SelectMany(node => node.Results);
        _dependent = Reach.From(graph, data.Concat(generated)).Values;
    }

    public bool Reaches(Value value) => _dependent.Contains(value);
}
