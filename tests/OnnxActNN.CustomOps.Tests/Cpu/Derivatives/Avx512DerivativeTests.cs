using OnnxActNN.CustomOps.Cpu;

namespace OnnxActNN.CustomOps.Tests.Cpu.Derivatives;

public sealed class Avx512DerivativeTests() : DerivativeContract(KernelTier.Avx512);
