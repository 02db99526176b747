using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Training.Checkpoints;

namespace OnnxActNN.Training.Sessions;

/// <summary>The running means and variances of batch normalization, which evaluation reads.</summary>
/// <remarks>
/// ONNX Runtime's artifacts keep them as constants of both graphs, and its own training session leaves them as they
/// were exported. Here each becomes an input and an output of the training graph, and is kept up to date: statistic ←
/// momentum·statistic + (1 − momentum)·batch, with the batch's variance over n, not n − 1.
/// </remarks>
internal static class RunningStatistics
{
    private static readonly HashSet<OperatorId> BatchNormalizations =
        [new OperatorId(OperatorId.Microsoft, "BatchNormInternal"), PackOperators.BatchNormalizationInPlace];

    /// <summary>
    /// Makes inputs of the constants and outputs of their successors; gives for each constant, in order, its present
    /// value.
    /// </summary>
    public static IReadOnlyList<CheckpointTensor> Expose(Graph graph)
    {
        var found = new List<CheckpointTensor>();
        foreach (var node in graph.Nodes.Where(node => BatchNormalizations.Contains(node.Operator)))
        {
            const int FirstInput = 3, FirstOutput = 1, Statistics = 2;
            for (var index = 0; index < Statistics; index++)
            {
                if (node.Input(FirstInput + index) is not { IsConstant: true } old
                    || node.Output(FirstOutput + index) is not { IsGraphOutput: false } next)
                    continue;
                if (old.Initializer!.TryGetFloats() is not { } values) continue;
                var floats = Array.ConvertAll(values, x => (float)x);
                found.Add(CheckpointTensor.FromFloats(old.Name, old.Initializer.Sizes, floats));
                next.Declared ??= old.Declared;
                MakeInput(graph, old);
                graph.AddOutput(next);
            }
        }
        return found;
    }

    /// <summary>Makes inputs of an evaluation graph's constants of the given names.</summary>
    public static void MakeInputs(Graph graph, IEnumerable<string> names)
    {
        foreach (var value in names.Select(graph.FindOwn).Where(value => value is { IsConstant: true }))
            MakeInput(graph, value!);
    }

    private static void MakeInput(Graph graph, Value constant)
    {
        constant.Declared ??= constant.Initializer!.Type;
        graph.RemoveInitializer(constant);
        graph.AddInput(constant);
    }
}
