using OnnxActNN.CustomOps.Cpu;

namespace OnnxActNN.CustomOps.Tests.Cpu;

public sealed class Avx512MaskTests() : MaskContract(KernelTier.Avx512);
