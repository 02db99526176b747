using BenchmarkDotNet.Attributes;
using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.Format;

namespace OnnxActNN.Benchmarks.Kernels;

/// <summary>Unpacking of a tensor that fits the second-level cache: the kernel alone, without the memory.</summary>
public unsafe class UnpackBenchmarks : IDisposable
{
    private const int Elements = 1 << 16;

    private static readonly long[] s_dims = [Elements];

    private NativeBuffer _y = null!;
    private NativeBuffer _packed = null!;

    [Params(CodeWidth.OneBit, CodeWidth.ThreeLevels, CodeWidth.TwoBits, CodeWidth.FourBits, CodeWidth.EightBits)]
    public CodeWidth Width { get; set; }

    [Params(RoundingMode.Dither, RoundingMode.Stochastic)]
    public RoundingMode Rounding { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var layout = PackedLayout.Create(s_dims, new PackFormat(Width, zeroExact: false) { Rounding = Rounding });
        _y = new NativeBuffer(Elements * sizeof(float));
        _packed = new NativeBuffer(layout.TotalBytes);
        TensorFill.Relu(_y, ElementType.Float32);
        QuantizePack.Run(
            ElementType.Float32, _y.Pointer, _packed.Pointer, layout, new PackKey(1, 2, 3), SerialLoop.Instance);
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _y.Dispose();
        _packed.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark(OperationsPerInvoke = Elements)]
    public void Unpack() => UnpackDequant.Run(
        ElementType.Float32, _packed.Pointer, _packed.Bytes, s_dims, _y.Pointer, UnpackOutput.Value,
        SerialLoop.Instance);
}
