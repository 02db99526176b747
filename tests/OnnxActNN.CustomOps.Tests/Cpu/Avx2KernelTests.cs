using OnnxActNN.CustomOps.Cpu;

namespace OnnxActNN.CustomOps.Tests.Cpu;

public sealed class Avx2KernelTests() : KernelContract(KernelTier.Avx2);
