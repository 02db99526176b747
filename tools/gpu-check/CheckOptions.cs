using System.Globalization;

namespace OnnxActNN.GpuCheck;

/// <summary>The command line: gpu-check [--json FILE] [--sizes MIB,...] [--driver FILE].</summary>
/// <param name="JsonFile">Where the JSON report goes; null for nowhere.</param>
/// <param name="Sizes">Tensor sizes to time, in MiB.</param>
/// <param name="Driver">The driver's library; null for the machine's.</param>
internal sealed record CheckOptions(string? JsonFile, IReadOnlyList<int> Sizes, string? Driver)
{
    public const string Usage = "usage: gpu-check [--json FILE] [--sizes MIB,MIB...] [--driver FILE]";

    /// <exception cref="FormatException">An argument is not understood.</exception>
    public static CheckOptions Parse(IReadOnlyList<string> arguments)
    {
        var options = new CheckOptions(null, [1, 16, 64, 256], null);
        for (var i = 0; i < arguments.Count; i += 2)
        {
            var value = i + 1 < arguments.Count ? arguments[i + 1] : throw new FormatException($"{arguments[i]} has no value.");
            options = arguments[i] switch
            {
                "--json" => options with { JsonFile = value },
                "--sizes" => options with { Sizes = ParseSizes(value) },
                "--driver" => options with { Driver = value },
                _ => throw new FormatException($"{arguments[i]} is no option."),
            };
        }
        return options;
    }

    private static int[] ParseSizes(string text) =>
        [.. text.Split(',', StringSplitOptions.RemoveEmptyEntries)
            .Select(size => int.Parse(size, NumberStyles.None, CultureInfo.InvariantCulture))];
}
