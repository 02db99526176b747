using System.Globalization;
using OnnxActNN.Format;

namespace OnnxActNN.Benchmarks.Training;

/// <summary>In what a run saves: float32, codes of one width, or widths that are planned before each epoch.</summary>
/// <param name="Width">Width of the codes, or of what a plan does not name; null for float32.</param>
/// <param name="PlannedBits">Code bits per element on average, if planned.</param>
/// <param name="PerGroup">Whether groups of one tensor may have widths of their own.</param>
internal sealed record FashionCode(CodeWidth? Width, double? PlannedBits = null, bool PerGroup = false)
{
    private const string Float32 = "32";

    /// <summary>What the table calls a planned run; null leaves it to the width.</summary>
    public string? Name => PlannedBits is { } bits
        ? string.Create(CultureInfo.InvariantCulture, $"{bits} bits planned{(PerGroup ? " per group" : "")}")
        : null;

    /// <summary>Reads one of <c>--bits</c>.</summary>
    public static FashionCode Uniform(string bits) => new(
        bits == Float32 ? null : CodeWidths.FromBits(int.Parse(bits, CultureInfo.InvariantCulture)));

    /// <summary>Reads one of <c>--planned</c>.</summary>
    public static FashionCode Planned(string bits) =>
        new(CodeWidth.TwoBits, double.Parse(bits, CultureInfo.InvariantCulture));

    /// <summary>Reads one of <c>--per-group</c>.</summary>
    public static FashionCode Grouped(string bits) => Planned(bits) with { PerGroup = true };
}
