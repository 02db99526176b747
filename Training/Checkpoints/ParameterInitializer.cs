using System.Text;
using Microsoft.ML.OnnxRuntime.Tensors;
using OnnxActNN.Training.Feeds;

namespace OnnxActNN.Training.Checkpoints;

/// <summary>
/// Makes a checkpoint for a training graph that has none: parameters drawn from a seed by their names and shapes.
/// </summary>
/// <remarks>
/// <para>Parameters with one axis longer than 1: ones where the name says weight, scale, gamma or variance
/// (normalization), else zeros (biases, means). All others: normal with deviation 1/√fan-in, the fan-in being the
/// product of the axes behind the first, as in the layouts of Conv and of a transposed Gemm. Good for measuring and for
/// starting training, no match for a framework's own rules.</para>
/// <para>The same seed and name give the same numbers, whatever else the graph holds. "Normal" is the sum of four
/// uniform numbers, cut off at 3.46 deviations.</para>
/// </remarks>
internal static class ParameterInitializer
{
    private static readonly string[] UnitNames = ["weight", "scale", "gamma", "var", "variance"];

    /// <summary>A checkpoint with every trained and frozen parameter of the graph.</summary>
    /// <exception cref="NotSupportedException">A parameter is not float32, or its shape is not fixed.</exception>
    public static Checkpoint Initialize(TrainingSignature signature, ulong seed) => new()
    {
        Trained = [.. signature.Trained.Select(input => Initialize(input, seed))],
        Frozen = [.. signature.Frozen.Select(input => Initialize(input, seed))],
    };

    private static CheckpointTensor Initialize(GraphInput input, ulong seed)
    {
        if (input.ElementType != TensorElementType.Float || input.Shape.TryGetSizes() is not { } sizes)
        {
            throw new NotSupportedException(
                $"Parameter '{input.Name}' is {input.ElementType} {input.Shape}; "
                + "only float32 parameters of fixed shape can be drawn.");
        }
        var values = new float[sizes.Aggregate(1L, (product, size) => checked(product * size))];
        if (sizes.Count(size => size > 1) > 1) FillNormal(values, FanIn(sizes), Key(seed, input.Name));
        else if (SaysUnit(input.Name)) Array.Fill(values, 1f);
        return CheckpointTensor.FromFloats(input.Name, sizes, values);
    }

    private static bool SaysUnit(string name) =>
        UnitNames.Any(unit => name.EndsWith(unit, StringComparison.OrdinalIgnoreCase));

    private static double FanIn(long[] sizes) => sizes.Skip(1).Aggregate(1.0, (product, size) => product * size);

    private static ulong Key(ulong seed, string name) =>
        Encoding.UTF8.GetBytes(name).Aggregate(seed, (key, letter) => SplitMix64.Mix(key ^ letter));

    private static void FillNormal(Span<float> values, double fanIn, ulong key)
    {
        // The sum of four 16-bit uniforms has mean 2·65535 and variance 4·65536²/12.
        var scale = (float)(Math.Sqrt(3.0) / 65536 / Math.Sqrt(fanIn));
        for (var index = 0; index < values.Length; index++)
        {
            var bits = SplitMix64.At(key, (ulong)index);
            var sum = (int)(ushort)bits + (ushort)(bits >> 16) + (ushort)(bits >> 32) + (ushort)(bits >> 48);
            values[index] = (sum - 2 * 65535) * scale;
        }
    }
}
