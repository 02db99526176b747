using OnnxActNN.CustomOps.Cpu;

namespace OnnxActNN.CustomOps.Tests.Cpu.Derivatives;

public sealed class Avx2DerivativeTests() : DerivativeContract(KernelTier.Avx2);
