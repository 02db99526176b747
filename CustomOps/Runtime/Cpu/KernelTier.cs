namespace OnnxActNN.CustomOps.Cpu;

/// <summary>Which instructions the kernels use.</summary>
internal enum KernelTier
{
    /// <summary>The readable reference, one element at a time.</summary>
    Scalar,

    /// <summary>128-bit vectors: SSE4.1, or Arm's AdvSimd.</summary>
    Vector128,

    /// <summary>AVX2.</summary>
    Avx2,

    /// <summary>AVX-512 F, BW, DQ and VL.</summary>
    Avx512,
}
