using OnnxActNN.CustomOps.Cpu;

namespace OnnxActNN.CustomOps.Tests.Cpu;

public sealed class Avx512KernelTests() : KernelContract(KernelTier.Avx512);
