using OnnxActNN.CustomOps.Cpu;

namespace OnnxActNN.CustomOps.Tests.Cpu.Derivatives;

public sealed class Vector128DerivativeTests() : DerivativeContract(KernelTier.Vector128);
