using System.Numerics.Tensors;
using Microsoft.ML.OnnxRuntime;
using OnnxActNN.Training.Optimizers;

namespace OnnxActNN.Training.Sessions;

/// <summary>The gradients that a step graph writes, and their sum over several steps.</summary>
/// <remarks>
/// The first step after a reset writes right into <see cref="Sum"/>. Each further one writes into a second block,
/// allocated when first needed, which is then added: training without accumulation pays neither the memory nor the
/// addition.
/// </remarks>
internal sealed class GradientBuffers : IDisposable
{
    private readonly BoundGraph _graph;
    private readonly IReadOnlyDictionary<string, string> _outputOf;
    private readonly TensorLayout _layout;
    private readonly ParallelUpdate _parts;
    private readonly StatisticsUpdate _statistics;
    private readonly Target _first;
    private Target? _further;

    /// <param name="graph">The step graph.</param>
    /// <param name="outputOf">Its output that is a parameter's gradient, by the parameter's name.</param>
    /// <param name="layout">The parameters.</param>
    /// <param name="parts">How blocks of the layout are visited.</param>
    /// <param name="statistics">Where running statistics go.</param>
    public GradientBuffers(
        BoundGraph graph, IReadOnlyDictionary<string, string> outputOf, TensorLayout layout, ParallelUpdate parts,
        StatisticsUpdate statistics)
    {
        (_graph, _outputOf, _layout, _parts, _statistics) = (graph, outputOf, layout, parts, statistics);
        _first = new Target(this);
    }

    /// <summary>Sum of the gradients since the last reset.</summary>
    public TensorBlock Sum => _first.Block;

    public long Bytes => _first.Block.Bytes + (_further?.Block.Bytes ?? 0);

    /// <summary>One run of the graph.</summary>
    /// <param name="inputs">The caller's inputs.</param>
    /// <param name="overwrite">Whether earlier gradients are forgotten, or added to.</param>
    public StepOutputs Run(IReadOnlyCollection<OrtValue> inputs, bool overwrite)
    {
        if (overwrite) return _graph.Run(_first.Binding, inputs);
        _further ??= new Target(this);
        var outputs = _graph.Run(_further.Binding, inputs);
        _parts.Run((offset, length) =>
        {
            var sum = Sum.Part(offset, length);
            TensorPrimitives.Add(sum, _further.Block.Part(offset, length), sum);
        });
        return outputs;
    }

    public void Dispose()
    {
        _first.Dispose();
        _further?.Dispose();
    }

    /// <summary>A block with the binding that makes the graph write there.</summary>
    private sealed class Target : IDisposable
    {
        private readonly Dictionary<string, OrtValue> _values;

        public Target(GradientBuffers owner)
        {
            Block = new TensorBlock(owner._layout);
            _values = owner._outputOf.ToDictionary(pair => pair.Value, pair => Block.ToOrtValue(pair.Key));
            Binding = owner._graph.Bind(_values.Concat(owner._statistics.Outputs));
        }

        public TensorBlock Block { get; }

        public OrtIoBinding Binding { get; }

        public void Dispose()
        {
            Binding.Dispose();
            foreach (var value in _values.Values) value.Dispose();
        }
    }
}
