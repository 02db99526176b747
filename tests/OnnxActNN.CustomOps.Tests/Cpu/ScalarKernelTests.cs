using OnnxActNN.CustomOps.Cpu;

namespace OnnxActNN.CustomOps.Tests.Cpu;

public sealed class ScalarKernelTests() : KernelContract(KernelTier.Scalar);
