using OnnxActNN.CustomOps.Cpu;

namespace OnnxActNN.CustomOps.Tests.Cpu.Derivatives;

public sealed class ScalarDerivativeTests() : DerivativeContract(KernelTier.Scalar);
