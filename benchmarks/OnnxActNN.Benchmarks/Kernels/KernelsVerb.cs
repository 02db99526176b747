using System.Globalization;
using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.Format;

namespace OnnxActNN.Benchmarks.Kernels;

/// <summary>
/// <c>kernels</c>: packs and unpacks a tensor far larger than the caches on one thread, and prints the rates, per byte
/// of the tensor, as parts of the memory's read and write bandwidth in the same run.
/// </summary>
internal static class KernelsVerb
{
    private const string FileName = "kernels.md";

    public static int Run(string[] arguments, TextWriter output)
    {
        var (mebibytes, repeat, rows, folder) = (256L, 5, "", (string?)null);
        for (var i = 0; i + 1 < arguments.Length; i += 2)
        {
            (mebibytes, repeat, rows, folder) = arguments[i] switch
            {
                "--mib" => (long.Parse(arguments[i + 1], CultureInfo.InvariantCulture), repeat, rows, folder),
                "--repeat" => (mebibytes, int.Parse(arguments[i + 1], CultureInfo.InvariantCulture), rows, folder),
                "--rows" => (mebibytes, repeat, arguments[i + 1], folder),
                "--output" => (mebibytes, repeat, rows, arguments[i + 1]),
                _ => throw new ArgumentException($"Unknown option {arguments[i]}."),
            };
        }

        using var table = new StringWriter();
        WriteTable(table, output, mebibytes << 20, repeat, rows);
        if (folder is not null)
        {
            var target = Path.Combine(folder, MachineHeader.FolderName());
            Directory.CreateDirectory(target);
            File.WriteAllText(Path.Combine(target, FileName), table.ToString());
        }

        return 0;
    }

    private static void WriteTable(StringWriter table, TextWriter output, long bytes, int repeat, string rows)
    {
        void Line(string text)
        {
            table.Write(text + "\n");
            output.WriteLine(text);
        }

        Line("# Pack and unpack on one thread\n");
        Line(MachineHeader.Describe());
        Line($"* tier: {KernelTiers.Current}; {bytes >> 20} MiB, dither, median of {repeat}; "
            + "ratios to reading and filling");
        Line("  the same bytes, timed next to each kernel\n");
        Line("| tensor | type | code | metadata | pack GB/s | of read | unpack GB/s | of write |");
        Line("|---|---|---|---|---|---|---|---|");
        using var x = new NativeBuffer(bytes);
        using var y = new NativeBuffer(bytes);
        using var packed = new NativeBuffer(bytes / 2 + 4096);
        KernelRow? last = null;
        bool IsWanted(KernelRow row) => $"{row.Name} {row.Type}".Contains(rows, StringComparison.OrdinalIgnoreCase);
        foreach (var row in KernelRow.All().Where(IsWanted))
        {
            if (last?.Type != row.Type)
                TensorFill.Relu(x, row.Type);
            last = row;
            var result = KernelMeasurement.Run(row, x, packed, y, repeat);
            Line(string.Create(CultureInfo.InvariantCulture,
                $"| {row.Name} | {row.Type} | {Code(row)} | {row.Format.Metadata} | {result.PackRate:F1} | "
                + $"{result.PackRatio:P0} | {result.UnpackRate:F1} | {result.UnpackRatio:P0} |"));
        }
    }

    private static string Code(KernelRow row)
    {
        var rounding = row.Format.Rounding == RoundingMode.Stochastic ? ", stochastic" : "";
        return row.Format.Width + (row.Format.ZeroExact ? ", zero-exact" : "") + rounding;
    }
}
