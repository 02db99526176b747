using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.Format;

namespace OnnxActNN.Benchmarks.Kernels;

/// <summary>
/// Times of one row. Each repetition times reading, packing, filling and unpacking one after the other, and the ratios
/// are taken within the repetition, so that what else the machine does falls on both sides.
/// </summary>
internal sealed class KernelMeasurement
{
    /// <summary>
    /// Turns that are not counted: the runtime compiles a kernel twice, the second time by what the first one did.
    /// </summary>
    private const int WarmUps = 4;

    private readonly List<double> _packRates = [];
    private readonly List<double> _unpackRates = [];
    private readonly List<double> _packRatios = [];
    private readonly List<double> _unpackRatios = [];

    /// <summary>Bytes of the tensor read per second, in GB/s, the median.</summary>
    public double PackRate => Median(_packRates);

    /// <summary>Bytes of the tensor written per second, in GB/s, the median.</summary>
    public double UnpackRate => Median(_unpackRates);

    /// <summary>Pack rate over the rate of reading alone, the median.</summary>
    public double PackRatio => Median(_packRatios);

    /// <summary>Unpack rate over the rate of filling alone, the median.</summary>
    public double UnpackRatio => Median(_unpackRatios);

    public static unsafe KernelMeasurement Run(
        KernelRow row, NativeBuffer x, NativeBuffer packed, NativeBuffer y, int repeat)
    {
        long[] dims = [x.Bytes / ElementTypes.SizeOf(row.Type) / row.RowLength, row.RowLength];
        var layout = PackedLayout.Create(dims, row.Format);
        var bytes = (double)layout.ElementCount * ElementTypes.SizeOf(row.Type);
        var key = new PackKey(1, 2, 3);
        var result = new KernelMeasurement();
        for (var i = -WarmUps; i < repeat; i++)
        {
            var read = x.Bytes / Seconds(() => Bandwidth.Read(x));
            var pack = bytes / Seconds(() =>
                QuantizePack.Run(row.Type, x.Pointer, packed.Pointer, layout, key, SerialLoop.Instance));
            var write = y.Bytes / Seconds(() => Bandwidth.Write(y));
            var unpack = bytes / Seconds(() => UnpackDequant.Run(
                row.Type, packed.Pointer, layout.TotalBytes, dims, y.Pointer, UnpackOutput.Value, SerialLoop.Instance));
            if (i >= 0)
                result.Add(read, pack, write, unpack);
        }

        return result;
    }

    private void Add(double read, double pack, double write, double unpack)
    {
        _packRates.Add(pack / 1e9);
        _unpackRates.Add(unpack / 1e9);
        _packRatios.Add(pack / read);
        _unpackRatios.Add(unpack / write);
    }

    private static double Seconds(Action action)
    {
        var start = ThreadClock.Seconds();
        action();
        return ThreadClock.Seconds() - start;
    }

    private static double Median(List<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }
}
