using System.Runtime.InteropServices;
using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Tests.Cpu;
using OnnxActNN.Format;
using OnnxActNN.Testing;

namespace OnnxActNN.CustomOps.Tests.Cuda;

/// <summary>
/// A file with launches of all kernels, what they were given and what they wrote, which the program "replay" runs again. What
/// they wrote is the reference's: each launch is checked while it is recorded.
/// </summary>
internal sealed unsafe class LaunchRecording : IDisposable
{
    private static readonly int[] s_lengths = [0, 1, 2, 31, 64, 100, 257, 640];

    private readonly TempFolder _folder = new();

    public LaunchRecording(IEnumerable<KernelCase> cases)
    {
        Path = _folder.PathTo("launches");
        Switch(Path);
        try
        {
            foreach (var kernel in cases) Record(kernel);
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
            Record(kernel, TestTensor.Draw(length, kernel.ZeroExact, seed: 9), kernel.Format(length == 640 ? 256 : 100));
        // A mean far from 0: the 8-bit minimum reaches its last multiple.
        double[] far = [.. TestTensor.Draw(200, isRelu: false, seed: 9).Select(value => 1000 + value)];
        Record(kernel, far, kernel.Format(64));
    }

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

    private static void Compare(byte[] actual, byte[] reference)
    {
        if (!actual.AsSpan().SequenceEqual(reference)) throw new InvalidOperationException("The launch is not the reference's.");
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
