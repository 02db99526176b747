using System.Runtime.Intrinsics;

namespace OnnxActNN.CustomOps.Cpu.Normalization;

/// <summary>
/// The two values that Clip's results cannot pass; the same twice where there is one, as behind Relu.
/// </summary>
/// <param name="Min">The lower one, finite.</param>
/// <param name="Max">The upper one, finite.</param>
internal readonly record struct ClipBounds(float Min, float Max)
{
    private float Middle => Min + (Max - Min) / 2;

    /// <summary>The bound that is nearer to a value.</summary>
    public float Nearest(float value) => value > Middle ? Max : Min;

    /// <inheritdoc cref="Nearest(float)"/>
    public Vector512<float> Nearest(Vector512<float> value) =>
        Vector512.ConditionalSelect(
            Vector512.GreaterThan(value, Vector512.Create(Middle)), Vector512.Create(Max), Vector512.Create(Min));
}
