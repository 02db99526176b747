using OnnxActNN.CustomOps.Cpu.Masks;
using OnnxActNN.CustomOps.Cpu.Profiling;
using OnnxActNN.CustomOps.Cuda;
using OnnxActNN.Format;
using OnnxActNN.Format.Derivatives;

namespace OnnxActNN.GpuCheck;

/// <summary>
/// Times every kernel on float32 tensors of several sizes against a copy within the device. Counted are the bytes that
/// a kernel must read and write. Groups of 256, as they are by default.
/// </summary>
internal sealed unsafe class BandwidthCheck : IDisposable
{
    private const int WarmUps = 3;
    private const int Runs = 15;
    private const int RowLength = 256;

    private readonly CudaDevice _device;
    private readonly long _bytes;
    private readonly DeviceBuffer _x;
    private readonly DeviceBuffer _y;
    private readonly double _copy;

    private BandwidthCheck(CudaDevice device, long bytes)
    {
        (_device, _bytes) = (device, bytes);
        _x = device.Allocate(bytes);
        _y = device.Allocate(bytes);
        // The same draws over and over: what the values are makes no difference to the time.
        var block = SampleTensor.Draw(ElementType.Float32, 1 << 16, isRelu: true, seed: 1);
        for (long at = 0; at < bytes; at += block.Length)
            device.CopyToDevice(_x.Address + at, block.AsSpan(0, (int)Math.Min(block.Length, bytes - at)));
        _copy = Speed(2 * bytes, () => device.Stream.Copy(_y.Address, _x.Address, bytes));
    }

    /// <summary>Measures one size; a multiple of 1 KiB.</summary>
    public static IReadOnlyList<BandwidthRow> Run(CudaDevice device, long bytes)
    {
        using var check = new BandwidthCheck(device, bytes);
        return [new BandwidthRow("copy", bytes, check._copy, 1), .. PackFormats.Timed.SelectMany(check.Packs),
            .. check.Masks(), .. check.Others()];
    }

    public void Dispose()
    {
        _x.Dispose();
        _y.Dispose();
    }

    private List<BandwidthRow> Packs(PackFormat format)
    {
        long[] dims = [_bytes / sizeof(float) / RowLength, RowLength];
        var layout = PackedLayout.Create(dims, format);
        var isUniform = format.Shares.IsUniform;
        var levels = isUniform
            ? $"{CodeWidths.Levels(format.Width)} levels{(format.ZeroExact ? ", zero-exact" : "")}"
            : "widths per group";
        var grid = format.Grid == CodeGrid.Squared ? ", squared grid" : "";
        var name = $"{levels}{grid}, {format.Metadata}, {format.Rounding}";
        var both = _bytes + layout.TotalBytes;
        using var packed = _device.Allocate(layout.TotalBytes);
        var rows = new List<BandwidthRow>
        {
            // Where groups have widths of their own, their ranges must be known before the first is packed.
            Row($"pack {name}", isUniform ? both : both + _bytes, () => CudaQuantizePack.Run(
                _device.Stream, ElementType.Float32, _x.Address, packed.Address, layout, new PackKey(1, 2, 3))),
            Row($"unpack {name}", both, () => CudaUnpackDequant.Run(
                _device.Stream, ElementType.Float32, packed.Address, packed.Bytes, dims, BatchSlice.Whole, _y.Address,
                UnpackOutput.Value)),
        };
        if (format.ZeroExact)
        {
            rows.Add(Row($"relu gradient from {name}", both + _bytes, () => CudaUnpackDequant.ReluGradient(
                _device.Stream, ElementType.Float32, _x.Address, dims, packed.Address, packed.Bytes, _y.Address)));
        }
        return rows;
    }

    private List<BandwidthRow> Masks()
    {
        var count = _bytes / sizeof(float);
        var maskBytes = MaskFormat.BytesOf(count);
        var range = KeyRange.Of(ElementType.Float32, MaskTest.Positive, 0, 0);
        using var packed = _device.Allocate(maskBytes);
        return
        [
            Row("mask pack", _bytes + maskBytes, () => CudaMasks.Pack(
                _device.Stream, sizeof(float), _x.Address, count, range, packed.Address)),
            Row("mask unpack", count + maskBytes, () => CudaMasks.Unpack(
                _device.Stream, packed.Address, maskBytes, _y.Address, count)),
            Row("relu gradient from mask", 2 * _bytes + maskBytes, () => CudaMasks.KeepOrZero(
                _device.Stream, ElementType.Float32, _x.Address, count, packed.Address, maskBytes, _y.Address)),
            Row("dropout gradient from mask", 2 * _bytes + maskBytes, () => CudaMasks.Scale(
                _device.Stream, ElementType.Float32, _x.Address, count, packed.Address, maskBytes,
                new MaskFactors<float>(1, 0, 0.5f), _y.Address)),
        ];
    }

    private List<BandwidthRow> Others()
    {
        var count = _bytes / sizeof(float);
        var stream = _device.Stream;
        var derivatives = DerivativeLayout.Create(
            new DerivativeFormat(ActivationFunction.Gelu, CodeWidth.TwoBits, RoundingMode.Dither), new PackKey(1, 2, 3),
            count);
        var selection = PackedLayout.Create(
            [count / RowLength, RowLength], new PackFormat(CodeWidth.TwoBits, zeroExact: false));
        using var codes = _device.Allocate(derivatives.TotalBytes);
        return
        [
            .. Normalizations(count),
            Row("derivative pack, 4 levels", _bytes + derivatives.TotalBytes, () => CudaDerivatives.Pack(
                stream, ElementType.Float32, _x.Address, 1, derivatives, codes.Address)),
            Row("activation gradient, 4 levels", 2 * _bytes + derivatives.TotalBytes, () => CudaDerivatives.Gradient(
                stream, ElementType.Float32, _x.Address, count, codes.Address, codes.Bytes, _y.Address)),
            Row("sum", 3 * _bytes, () => CudaSums.Add(stream, _x.Address, _y.Address, _y.Address, count)),
            Row("profile", _bytes, () => CudaActProfile.Run(
                stream, ElementType.Float32, _x.Address, selection, GroupSelection.All)),
        ];
    }

    /// <summary>Planes of 16 × 16; up to 64 channels, which are as many thread blocks of the gradient.</summary>
    private List<BandwidthRow> Normalizations(long count)
    {
        const int Plane = 256;
        var channels = Math.Min(64, count / Plane);
        long[] dims = [count / Plane / channels, channels, 16, 16];
        var layout = PackedLayout.Create(dims, new PackFormat(CodeWidth.TwoBits, zeroExact: false) { GroupAxis = 2 });
        using var packed = _device.Allocate(layout.TotalBytes);
        using var numbers = _device.Allocate(channels * sizeof(float));
        using var sums = _device.Allocate(channels * sizeof(float));
        CudaQuantizePack.Run(
            _device.Stream, ElementType.Float32, _x.Address, packed.Address, layout, new PackKey(1, 2, 3));
        var codes = new DeviceBytes((nint)packed.Address, packed.Bytes);
        var perChannel = (nint)numbers.Address;
        var statistics = new ChannelAddresses(perChannel, perChannel, perChannel);
        return
        [
            Row("batch normalization from 4 levels", _bytes + layout.TotalBytes, () => CudaNormalization.Forward(
                _device.Stream, codes, dims, channels, statistics, perChannel, default, default, BatchSlice.Whole,
                addend: 0, (nint)_y.Address)),
            Row(
                "batch normalization's gradient from 4 levels", 3 * _bytes + 2 * layout.TotalBytes, () =>
                    CudaNormalization.Gradient(
                _device.Stream, (nint)_x.Address, codes, dims, channels, statistics, default, (nint)_y.Address,
                    (nint)sums.Address,
                (nint)sums.Address)),
        ];
    }

    private BandwidthRow Row(string kernel, long bytes, Action launch)
    {
        var speed = Speed(bytes, launch);
        return new BandwidthRow(kernel, _bytes, speed, speed / _copy);
    }

    /// <summary>Gigabytes per second at the median of some runs.</summary>
    private double Speed(long bytes, Action launch)
    {
        for (var i = 0; i < WarmUps; i++) launch();
        var times = new List<float>();
        for (var i = 0; i < Runs; i++) times.Add(_device.Time(launch));
        times.Sort();
        return bytes / (times[Runs / 2] * 1e6);
    }
}
