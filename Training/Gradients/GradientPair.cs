using OnnxActNN.Rewriter.IR;
using OnnxActNN.Training.Checkpoints;
using OnnxActNN.Training.Feeds;
using OnnxActNN.Training.Runtime;

namespace OnnxActNN.Training.Gradients;

/// <summary>
/// A training graph and a rewritten one that take their steps together: they drop the same elements, so that what their
/// gradients differ by is the rewriting.
/// </summary>
internal sealed class GradientPair : IDisposable
{
    private readonly GradientSource _original;
    private readonly GradientSource _rewritten;
    private readonly FeedBatch _feeds;
    private readonly bool _isRandom;
    private (float Loss, IReadOnlyDictionary<string, float[]> Gradients) _exact;
    private int _draws;

    /// <summary>Opens both graphs, and runs the original once.</summary>
    /// <param name="original">The graph as exported; used up.</param>
    /// <param name="rewritten">The other graph; used up.</param>
    /// <param name="parameters">The parameters.</param>
    /// <param name="feeds">The inputs of every step.</param>
    /// <param name="loss">Name of the loss.</param>
    /// <param name="settings">How both sessions are opened.</param>
    public GradientPair(
        Model original, Model rewritten, Checkpoint parameters, FeedBatch feeds, string loss, SessionSettings settings)
    {
        _isRandom = RandomSeeds.Fix(original.Graph) > 0;
        RandomSeeds.Fix(rewritten.Graph);
        _feeds = feeds;
        _original = new GradientSource(original, parameters, loss, settings);
        try
        {
            _exact = _original.Run(feeds.Values);
            (Loss, Exact) = _exact;
            _rewritten = new GradientSource(rewritten, parameters, loss, settings);
        }
        catch
        {
            _original.Dispose();
            throw;
        }
    }

    /// <summary>The original's loss in its first step.</summary>
    public float Loss { get; }

    /// <summary>The original's gradients in its first step.</summary>
    public IReadOnlyDictionary<string, float[]> Exact { get; }

    /// <summary>Names of the trained parameters, in the graph's order.</summary>
    public IReadOnlyList<string> Parameters => _original.Parameters;

    /// <summary>The next step of the rewritten graph, beside the original's with the same random numbers.</summary>
    /// <returns>
    /// How far the losses are apart, infinite where one is no number, and the first step's exact gradients with this
    /// step's differences.
    /// </returns>
    public (double LossDifference, IReadOnlyDictionary<string, float[]> Gradients) Draw()
    {
        if (_isRandom && _draws > 0) _exact = _original.Run(_feeds.Values);
        _draws++;
        var (loss, gradients) = _rewritten.Run(_feeds.Values);
        var difference = float.IsNaN(loss) ? double.PositiveInfinity : Math.Abs((double)loss - _exact.Loss);
        return (difference,
            _isRandom ? gradients.ToDictionary(pair => pair.Key, pair => AroundFirst(pair.Key, pair.Value))
            : gradients);
    }

    public void Dispose()
    {
        _original.Dispose();
        _rewritten.Dispose();
    }

    private float[] AroundFirst(string name, float[] drawn)
    {
        var (first, exact) = (Exact[name], _exact.Gradients[name]);
        return [.. drawn.Select((value, i) => first[i] + (value - exact[i]))];
    }
}
