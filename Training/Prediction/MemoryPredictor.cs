using OnnxActNN.Rewriter;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Passes;
using OnnxActNN.Training.Feeds;

namespace OnnxActNN.Training.Prediction;

/// <summary>Works out the memory of a training step from the graph alone.</summary>
internal sealed class MemoryPredictor
{
    private readonly Graph _graph;
    private readonly ForwardBackwardSplit _split;
    private readonly Func<Value, TensorType?> _typeOf;
    private readonly ValueSizes _sizes;

    private MemoryPredictor(TrainingGraph training, IReadOnlyDictionary<string, long> dimensions)
    {
        _graph = training.Model.Graph;
        _split = training.Split;
        _typeOf = training.Types.Of;
        _sizes = new ValueSizes(training.Types.With(dimensions));
    }

    /// <summary>Predicts one step.</summary>
    /// <param name="model">A training graph, original or rewritten; it is not changed.</param>
    /// <param name="dimensions">Sizes of its named dimensions.</param>
    /// <param name="loss">Name of the loss, for step graphs whose first scalar output is something else.</param>
    /// <param name="optimizerStates">
    /// Tensors that the optimizer keeps for each trained parameter: 2 for AdamW, 0 for plain SGD.
    /// </param>
    /// <exception cref="OnnxActNN.Rewriter.Diagnostics.UnsupportedGraphException">It is no training graph.</exception>
    public static MemoryPrediction Predict(
        Model model, IReadOnlyDictionary<string, long> dimensions, string? loss = null, int optimizerStates = 2) =>
        new MemoryPredictor(TrainingGraph.Analyse(model, loss), dimensions).Predict(optimizerStates);

    private MemoryPrediction Predict(int optimizerStates)
    {
        var unknown = new List<string>();
        var timeline = StepTimeline.Of(_graph, value => value.Declared ?? _typeOf(value), BytesOf);
        var boundary = timeline.Order.TakeWhile(node => !node.Outputs.OfType<Value>().Any(_split.IsGradient)).Count();
        var peak = timeline.Memory.Peak();
        return new MemoryPrediction
        {
            Steps = [.. timeline.Order.Select(node => new PredictedStep(node.DisplayName, node.Operator.Type))],
            FirstBackward = boundary,
            Buffers = [.. timeline.Memory.Lives.OrderBy(life => life.First).Select(life => Describe(life, boundary))],
            Constant = Constant(optimizerStates),
            UnknownValues = unknown,
            PeakBytes = peak.Bytes,
            PeakStep = peak.Step,
        };

        long BytesOf(Value value)
        {
            if (_sizes.Of(value) is { } bytes) return bytes;
            unknown.Add(value.Name);
            return 0;
        }
    }

    private PredictedBuffer Describe(BufferLife life, int boundary)
    {
        var value = _graph.Find(life.Buffer)!;
        var crosses = life.First < boundary && boundary <= life.Last;
        return new PredictedBuffer(
            life.Buffer, CategoryRules.Of(value, _typeOf(value), crosses, _split), life.Bytes, life.First, life.Last);
    }

    private Dictionary<MemoryCategory, long> Constant(int optimizerStates)
    {
        var signature = TrainingSignature.Read(_graph);
        var trained = Bytes(signature.Trained) + Bytes(signature.Frozen.Where(input => HasGradient(input.Name)));
        return new Dictionary<MemoryCategory, long>
        {
            [MemoryCategory.Parameters] = Bytes(signature.Trained.Concat(signature.Frozen))
                + _graph.Initializers.Sum(value => value.Initializer!.ByteCount ?? 0),
            [MemoryCategory.Gradients] = Bytes(signature.Trained),
            [MemoryCategory.Optimizer] = optimizerStates * trained,
        };
    }

    /// <summary>Whether a parameter of a step graph is trained: its gradient is there, under the usual name.</summary>
    private bool HasGradient(string parameter) => _graph.Find($"{parameter}_grad")?.Producer is not null;

    private long Bytes(IEnumerable<GraphInput> inputs) =>
        inputs.Sum(input => _sizes.Of(_graph.Find(input.Name)!) ?? 0);
}
