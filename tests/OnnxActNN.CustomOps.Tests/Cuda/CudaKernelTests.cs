using OnnxActNN.CustomOps.Tests.Cpu;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Cuda;

public sealed class CudaKernelTests : KernelContract
{
    /// <summary>There are no CUDA kernels for a squared grid.</summary>
    public static new TheoryData<KernelCase> Cases => [.. KernelCase.Uniform];

    public CudaKernelTests() : base(new CudaBinding()) => EmulatedCuda.Require();
}
