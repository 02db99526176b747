using OnnxActNN.CustomOps.Tests.Cpu;

namespace OnnxActNN.CustomOps.Tests.Cuda;

public sealed class CudaMaskTests : MaskContract
{
    public CudaMaskTests() : base(new CudaBinding()) => EmulatedCuda.Require();
}
