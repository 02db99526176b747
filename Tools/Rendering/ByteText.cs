using System.Globalization;

namespace OnnxActNN.Tools.Rendering;

/// <summary>Byte counts for people.</summary>
internal static class ByteText
{
    private static readonly string[] Units = ["B", "kB", "MB", "GB", "TB"];

    /// <summary>Three digits and a decimal unit: <c>13.6 MB</c>; a dash for the unknown.</summary>
    public static string Of(long? bytes)
    {
        if (bytes is not { } count) return "–";
        var unit = 0;
        double scaled = count;
        for (; scaled >= 999.5 && unit < Units.Length - 1; unit++) scaled /= 1000;
        var digits = unit == 0 || scaled >= 99.95 ? 0 : scaled >= 9.995 ? 1 : 2;
        return scaled.ToString($"F{digits}", CultureInfo.InvariantCulture) + " " + Units[unit];
    }

    /// <summary>Reads a byte count as people write it: <c>500000</c>, <c>24MB</c>, <c>1.5GB</c>.</summary>
    /// <exception cref="UsageException">It is none.</exception>
    public static double Parse(string text)
    {
        var (digits, factor) = text.ToUpperInvariant() switch
        {
            [.. var number, 'K', 'B'] => (number, 1e3),
            [.. var number, 'M', 'B'] => (number, 1e6),
            [.. var number, 'G', 'B'] => (number, 1e9),
            var number => (number, 1.0),
        };
        return double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
            ? Math.Floor(value * factor)
            : throw new UsageException($"'{text}' is no number of bytes; write 500000, 24MB or 1.5GB.");
    }
}
