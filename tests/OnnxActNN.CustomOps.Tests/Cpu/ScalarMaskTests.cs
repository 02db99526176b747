using OnnxActNN.CustomOps.Cpu;

namespace OnnxActNN.CustomOps.Tests.Cpu;

public sealed class ScalarMaskTests() : MaskContract(KernelTier.Scalar);
