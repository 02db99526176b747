using OnnxActNN.CustomOps.Cpu;

namespace OnnxActNN.CustomOps.Tests.Cpu;

public sealed class Vector128MaskTests() : MaskContract(KernelTier.Vector128);
