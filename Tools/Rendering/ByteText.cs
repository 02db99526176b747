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
}
