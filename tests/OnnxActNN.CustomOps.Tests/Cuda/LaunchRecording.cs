using System.Runtime.InteropServices;
using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cpu.Losses;
using OnnxActNN.CustomOps.Tests.Cpu;
using OnnxActNN.Format;
using OnnxActNN.Format.Derivatives;
using OnnxActNN.GpuCheck;
using OnnxActNN.Testing;

namespace OnnxActNN.CustomOps.Tests.Cuda;

/// <summary>
/// A file with launches of all kernels, what they were given and what they wrote, which the program "replay" runs
/// again. What they wrote is the reference's: each launch is checked while it is recorded.
/// </summary>
internal sealed unsafe class LaunchRecording : IDisposable
{
    private static readonly int[] s_lengths = [0, 1, 2, 31, 64, 100, 257, 640, 1000];

    private readonly TempFolder _folder = new();

    /// <param name="cases">Packs and unpacks to record.</param>
    /// <param name="withOthers">Whether masks, pools and profiles of all types are recorded too.</param>
    public LaunchRecording(IEnumerable<KernelCase> cases, bool withOthers = false)
    {
        Path = _folder.PathTo("launches");
        Switch(Path);
        try
        {
            foreach (var kernel in cases) Record(kernel);
            foreach (var type in withOthers ? Enum.GetValues<ElementType>() : []) RecordMasksAndPools(type);
            RecordMixed(withOthers ? Enum.GetValues<ElementType>() : [ElementType.Float32]);
            RecordNormalizations();
            RecordSlices();
            CudaBatchNormalizationInPlaceTests.Check("35x5x3x7");
            CudaLayerNormalizationTests.Check(
                [3, 7, 70], columns: 70, new PackFormat(CodeWidth.FourBits, zeroExact: false) { GroupSize = 64 });
            CudaLayerNormalizationTests.CheckGradient(
                [34, 33, 16], columns: 528, new PackFormat(CodeWidth.FourBits, zeroExact: false));
            CudaSoftmaxCrossEntropyLossTests.Check(
                [1100, 3], new PackFormat(CodeWidth.FourBits, zeroExact: false), LossReduction.Mean);
            if (withOthers)
                CudaSoftmaxTests.Check(
                    [4, 70], new PackFormat(CodeWidth.FourBits, zeroExact: false) { GroupSize = 64 });
            RecordDerivativesAndSums(withOthers ? Enum.GetValues<ElementType>() : [ElementType.Float32]);
            foreach (var type in withOthers ? Enum.GetValues<ElementType>() : [ElementType.Float32])
                CudaActProfileTests.Check(type);
        }
        finally
        {
            Switch(null);
        }
    }

    public string Path { get; }

    public void Dispose() => _folder.Dispose();

    private static void Record(KernelCase kernel)
    {
        foreach (var length in s_lengths)
            Record(kernel, TestTensor.Draw(length, kernel.ZeroExact, seed: 9), kernel.Format(GroupSizeFor(length)));
        // A mean far from 0: the 8-bit minimum reaches its last multiple.
        double[] far = [.. TestTensor.Draw(200, isRelu: false, seed: 9).Select(value => 1000 + value)];
        Record(kernel, far, kernel.Format(64));
    }

    /// <summary>Many small groups, so that a warp takes several; or groups that fill one.</summary>
    private static int GroupSizeFor(int length) => length switch { 640 => 16, 1000 => 256, _ => 100 };

    private static void Record(KernelCase kernel, double[] values, PackFormat format)
    {
        var cuda = new CudaBinding();
        long[] dims = [values.Length];
        var x = TestTensor.ToBytes(values, kernel.Type);
        var packed = TestCodec.Pack(cuda, kernel.Type, x, dims, format, TestCodec.Key);
        Compare(packed, TestCodec.Pack(KernelTier.Scalar, kernel.Type, x, dims, format, TestCodec.Key));
        foreach (var output in Enum.GetValues<UnpackOutput>())
        {
            Compare(
                TestCodec.Unpack(cuda, kernel.Type, packed, dims, output),
                TestCodec.Unpack(KernelTier.Scalar, kernel.Type, packed, dims, output));
        }
    }

    private static void RecordMasksAndPools(ElementType type)
    {
        var cuda = new CudaBinding();
        foreach (var length in s_lengths)
        {
            var x = TestTensor.ToBytes(TestTensor.Draw(length, isRelu: false, seed: 9), type);
            var mask = TestMasks.Pack(cuda, type, x);
            Compare(mask, TestMasks.Pack(KernelTier.Scalar, type, x));
            Compare(TestMasks.KeepOrZero(cuda, type, x, mask), TestMasks.KeepOrZero(KernelTier.Scalar, type, x, mask));
            Compare(
                TestMasks.Scale(cuda, type, x, mask, 3, -2, 0.7f),
                TestMasks.Scale(KernelTier.Scalar, type, x, mask, 3, -2, 0.7f));
            Compare(TestMasks.PackBool(cuda, x), TestMasks.PackBool(KernelTier.Scalar, x));
            Compare(TestMasks.Unpack(cuda, mask, length), TestMasks.Unpack(KernelTier.Scalar, mask, length));
            RecordGradientFromCodes(cuda, type, length);
        }
        foreach (var pool in PoolingCase.All) CudaPoolingTests.Check(pool, type);
        foreach (var pool in PoolingCase.All) CudaPoolingTests.CheckPool(pool, type);
    }

    /// <summary>Groups that do not fill a table's word, and of more than one length.</summary>
    private static void RecordMixed(IEnumerable<ElementType> types)
    {
        foreach (var type in types)
        {
            foreach (var format in PackFormats.Mixed) CudaMixedWidthTests.Check(type, [19, 130], format, seed: 9);
            foreach (var format in PackFormats.Ordered) CudaMixedWidthTests.Check(type, [19, 3, 8, 9], format, seed: 9);
        }
    }

    /// <summary>
    /// Planes of one and of several pieces, of one and of several groups, rows of several planes and planes of several
    /// rows.
    /// </summary>
    private static void RecordNormalizations()
    {
        foreach (var (shape, format) in ((string, string)[])
            [("2x3x7x7", "row 64"), ("2x2x80x80", "row 64"), ("3x4x9x9", "flat 100 eight"), ("2x5", "row 64"),
                ("1x3x5x40", "row 16 last")])
            CudaNormalizationTests.Check(new NormalizationCase(shape, format));
    }

    private static void RecordSlices()
    {
        var test = new NormalizationCase("5x3x7x7", "row 64");
        CudaNormalizationTests.CheckSlices(test);
        foreach (var slice in NormalizationTests.SlicesOf(2))
        {
            Compare(
                TestCodec.Unpack(new CudaBinding(), ElementType.Float32, test.Packed, test.Dims, slice),
                TestCodec.Unpack(KernelTier.Scalar, ElementType.Float32, test.Packed, test.Dims, slice));
        }
    }

    private static void RecordDerivativesAndSums(IEnumerable<ElementType> types)
    {
        foreach (var type in types) CudaDerivativeTests.Check(ActivationFunction.Gelu, type);
        var x = TestTensor.ToBytes(TestTensor.Draw(1003, isRelu: false, seed: 9), ElementType.Float32);
        CudaDerivativeTests.CheckSum(x, x);
    }

    private static void RecordGradientFromCodes(CudaBinding cuda, ElementType type, int length)
    {
        var x = TestTensor.ToBytes(TestTensor.Draw(length, isRelu: true, seed: 9), type);
        foreach (var width in CodeWidths.All.Where(width => width != CodeWidth.OneBit))
        {
            var format = new PackFormat(width, zeroExact: true) { GroupSize = GroupSizeFor(length) };
            var packed = TestCodec.Pack(KernelTier.Scalar, type, x, [length], format, TestCodec.Key);
            Compare(
                TestMasks.FromCodes(cuda, type, x, [length], packed),
                TestMasks.FromCodes(KernelTier.Scalar, type, x, [length], packed));
        }
    }

    private static void Compare(byte[] actual, byte[] reference)
    {
        if (!actual.AsSpan().SequenceEqual(reference))
            throw new InvalidOperationException("The launch is not the reference's.");
    }

    private static void Switch(string? path)
    {
        var record = (delegate* unmanaged<nint, int>)NativeLibrary.GetExport(
            EmulatedCuda.Kernels.Driver.Library, "fakeCudaRecord");
        var text = Marshal.StringToCoTaskMemUTF8(path);
        EmulatedCuda.Kernels.Driver.Check(record(text), "fakeCudaRecord");
        Marshal.FreeCoTaskMem(text);
    }
}
