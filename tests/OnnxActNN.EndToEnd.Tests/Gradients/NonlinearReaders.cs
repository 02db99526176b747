using OnnxActNN.Rewriter;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Operators;
using OnnxActNN.Rewriter.Planning;
using OnnxActNN.Training.Feeds;

namespace OnnxActNN.EndToEnd.Tests.Gradients;

/// <summary>
/// The readers of packed tensors whose results are not linear in them, and which gradients those results go into:
/// there, noise of mean 0 need not stay so.
/// </summary>
internal sealed class NonlinearReaders
{
    private readonly Graph _graph;
    private readonly Dictionary<Node, Need> _readers = [];

    public NonlinearReaders(RewriteResult result)
    {
        _graph = result.Model.Graph;
        var read = from pair in result.Pairs
                   where pair.Plan.Decision == StorageDecision.Quantize
                   from consumer in pair.Plan.Tensor.Consumers
                   where consumer.Need is Need.Normalization or Need.Nonlinear
                   select consumer;
        foreach (var consumer in read) _readers[consumer.Use.Node] = consumer.Need;
    }

    /// <summary>
    /// The first such reader on the way from a parameter's gradient back to the loss, null where there is none: a
    /// normalization if there is one, because its input has the fewest bits.
    /// </summary>
    public Node? NearestTo(string parameter) =>
        NearestTo(parameter, need => need == Need.Normalization) ?? NearestTo(parameter, _ => true);

    private Node? NearestTo(string parameter, Func<Need, bool> isSought)
    {
        var pending = new Queue<Value>([_graph.Find(parameter + TrainingSignature.UpdatedSuffix)!]);
        var seen = new HashSet<Value>();
        while (pending.TryDequeue(out var value))
        {
            if (!seen.Add(value) || value.Producer is not { } producer) continue;
            if (_readers.TryGetValue(producer, out var need) && isSought(need) && IsBent(value, need)) return producer;
            foreach (var input in producer.Reads) pending.Enqueue(input);
        }
        return null;
    }

    /// <summary>The gradients of scale and bias of a normalization are linear in its input.</summary>
    private static bool IsBent(Value result, Need need) => need == Need.Nonlinear || result.OutputIndex == 0;
}
