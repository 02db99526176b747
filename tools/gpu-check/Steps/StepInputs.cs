using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Training.Checkpoints;
using OnnxActNN.Training.Feeds;

namespace OnnxActNN.GpuCheck.Steps;

/// <summary>
/// Values for the inputs of a step graph, drawn from a seed: inputs of fixed shape are parameters, those with an open
/// dimension are samples (float32) or labels (int64).
/// </summary>
internal static class StepInputs
{
    private const ulong Seed = 1;

    /// <summary>Labels are below this; no classifier has fewer classes.</summary>
    private const int Classes = 10;

    /// <summary>One tensor per input, in a provider's memory.</summary>
    /// <param name="session">The step graph.</param>
    /// <param name="batch">Size of the open dimensions.</param>
    /// <param name="provider">Where to.</param>
    /// <exception cref="NotSupportedException">An input is of another type.</exception>
    public static Dictionary<string, PlacedTensor> Place(InferenceSession session, int batch, StepProvider provider)
    {
        var inputs = session.InputNames.Select(name => (Name: name, Metadata: session.InputMetadata[name])).ToList();
        var placed = new Dictionary<string, PlacedTensor>();
        foreach (var tensor in Parameters(inputs.Where(input => !IsOpen(input.Metadata))))
            placed[tensor.Name] = provider.Place(tensor.ElementType, [.. tensor.Dimensions], tensor.Data.Span);
        foreach (var (name, metadata) in inputs.Where(input => IsOpen(input.Metadata)))
        {
            long[] sizes = [.. metadata.Dimensions.Select(size => size < 0 ? (long)batch : size)];
            placed[name] = provider.Place(metadata.ElementDataType, sizes, Draw(name, metadata, sizes));
        }
        return placed;
    }

    private static bool IsOpen(NodeMetadata metadata) => metadata.Dimensions.Any(size => size < 0);

    private static IReadOnlyList<CheckpointTensor> Parameters(IEnumerable<(string Name, NodeMetadata Metadata)> inputs)
    {
        var declared = inputs.Select(input => new GraphInput(
            input.Name, input.Metadata.ElementDataType,
            Shape.Of(input.Metadata.Dimensions.Select(size => (long)size))));
        var signature = new TrainingSignature([], [.. declared], [], LossOutput: "", [], ResetInput: null);
        return ParameterInitializer.Initialize(signature, Seed).Trained;
    }

    private static byte[] Draw(string name, NodeMetadata metadata, long[] sizes)
    {
        var count = sizes.Aggregate(1L, (product, size) => checked(product * size));
        return metadata.ElementDataType switch
        {
            TensorElementType.Float => ToBytes(count, i => (float)(2 * SplitMix64.Uniform(Seed, (ulong)i) - 1)),
            TensorElementType.Int64 => ToBytes(count, i => 7 * i % Classes),
            var type => throw new NotSupportedException($"Input '{name}' is {type}; samples are Float, labels Int64."),
        };
    }

    private static byte[] ToBytes<T>(long count, Func<long, T> valueAt)
        where T : unmanaged
    {
        var values = new T[count];
        for (long i = 0; i < count; i++) values[i] = valueAt(i);
        return MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
    }
}
