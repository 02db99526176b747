using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Planning;
using OnnxActNN.Rewriter.Shapes;

namespace OnnxActNN.Rewriter.Passes;

/// <summary>The most bytes that a step of a graph holds at once, and where (<see cref="StepTimeline"/>).</summary>
internal sealed class StepPeak
{
    private readonly ValueSizes _sizes;

    private StepPeak(InferredTypes types) => (Types, _sizes) = (types, new ValueSizes(types));

    /// <summary>Types of all values, with sizes for all names.</summary>
    public InferredTypes Types { get; }

    /// <summary>Most bytes at once.</summary>
    public long Bytes { get; private init; }

    /// <summary>The node that runs then, the first of several; null in an empty graph.</summary>
    public Node? Node { get; private init; }

    /// <summary>Finds it.</summary>
    /// <param name="model">A rewritten graph; it is not changed.</param>
    /// <param name="dimensions">Sizes of named dimensions; others have 8.</param>
    public static StepPeak Find(Model model, IReadOnlyDictionary<string, long> dimensions)
    {
        var graph = model.Graph;
        var inferred = ShapeInference.Infer(model);
        var types = inferred.With(
            TensorSize.Complete(graph.Values.Select(inferred.ShapeOf).OfType<Shape>(), dimensions));
        var found = new StepPeak(types);
        var timeline = StepTimeline.Of(graph, types.Of, found.BytesOf);
        var peak = timeline.Memory.Peak();
        return new StepPeak(types) { Bytes = peak.Bytes, Node = peak.Step < 0 ? null : timeline.Order[peak.Step] };
    }

    /// <summary>Bytes of a value; 0 where they are not known.</summary>
    public long BytesOf(Value value) => _sizes.Of(value) ?? 0;
}
