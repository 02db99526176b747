using OnnxActNN.CustomOps.Cpu;

namespace OnnxActNN.CustomOps.Tests.Cpu;

public sealed class Vector128KernelTests() : KernelContract(KernelTier.Vector128);
