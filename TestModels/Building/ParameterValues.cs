using System.Text;
using OnnxActNN.Format;

namespace OnnxActNN.TestModels.Building;

/// <summary>Values of parameters, drawn from a seed by name: the same numbers in every order of drawing.</summary>
internal static class ParameterValues
{
    /// <summary>
    /// Normal with deviation gain·√(2 / fan-in), which keeps the scale through Relu layers (He et al., 2015).
    /// </summary>
    /// <param name="seed">The model's seed.</param>
    /// <param name="name">The parameter's name.</param>
    /// <param name="sizes">Its shape; the fan-in is the product of the axes behind the first.</param>
    /// <param name="gain">Factor on the deviation.</param>
    public static float[] Normal(long seed, string name, IReadOnlyList<long> sizes, double gain)
    {
        var values = new float[sizes.Aggregate(1L, (product, size) => product * size)];
        var deviation = gain * Math.Sqrt(2.0 / sizes.Skip(1).Aggregate(1L, (product, size) => product * size));
        var identity = Encoding.UTF8.GetBytes(name).Aggregate(0L, (hash, letter) => unchecked(hash * 31 + letter));
        var key = CounterRandom.TensorKey(new PackKey(seed, identity, 0));
        for (var index = 0; index < values.Length; index++)
            values[index] = (float)(deviation * NormalAt(key, (uint)index));
        return values;
    }

    public static float[] Constant(long count, float value)
    {
        var values = new float[count];
        Array.Fill(values, value);
        return values;
    }

    /// <summary>A standard normal number (Box and Muller, 1958).</summary>
    private static double NormalAt(ulong key, uint index)
    {
        var radius = (CounterRandom.Word(key, 2 * index) + 0.5) / 4294967296.0;
        var angle = CounterRandom.Word(key, 2 * index + 1) / 4294967296.0;
        return Math.Sqrt(-2 * Math.Log(radius)) * Math.Cos(2 * Math.PI * angle);
    }
}
