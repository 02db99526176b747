using OnnxActNN.CustomOps.Cpu;

namespace OnnxActNN.CustomOps.Tests.Cpu;

public sealed class Avx2MaskTests() : MaskContract(KernelTier.Avx2);
