using BenchmarkDotNet.Attributes;
using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.Format;

namespace OnnxActNN.Benchmarks.Kernels;

/// <summary>Packing of a tensor that fits the second-level cache: the kernel alone, without the memory.</summary>
public unsafe class PackBenchmarks : IDisposable
{
    private const int Elements = 1 << 16;

    private NativeBuffer _x = null!;
    private NativeBuffer _packed = null!;
    private PackedLayout _layout = null!;

    [Params(CodeWidth.OneBit, CodeWidth.ThreeLevels, CodeWidth.TwoBits, CodeWidth.FourBits, CodeWidth.EightBits)]
    public CodeWidth Width { get; set; }

    [Params(ElementType.Float32, ElementType.BFloat16, ElementType.Float16)]
    public ElementType Type { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _layout = PackedLayout.Create([Elements], new PackFormat(Width, zeroExact: false));
        _x = new NativeBuffer(Elements * ElementTypes.SizeOf(Type));
        _packed = new NativeBuffer(_layout.TotalBytes);
        TensorFill.Relu(_x, Type);
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _x.Dispose();
        _packed.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark(OperationsPerInvoke = Elements)]
    public void Pack() =>
        QuantizePack.Run(Type, _x.Pointer, _packed.Pointer, _layout, new PackKey(1, 2, 3), SerialLoop.Instance);
}
