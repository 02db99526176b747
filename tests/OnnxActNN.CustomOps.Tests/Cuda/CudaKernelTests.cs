using OnnxActNN.CustomOps.Tests.Cpu;

namespace OnnxActNN.CustomOps.Tests.Cuda;

public sealed class CudaKernelTests : KernelContract
{
    public CudaKernelTests() : base(new CudaBinding()) => EmulatedCuda.Require();
}
