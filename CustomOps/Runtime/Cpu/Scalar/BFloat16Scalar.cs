namespace OnnxActNN.CustomOps.Cpu.Scalar;

/// <summary>bfloat16, rounded to nearest even; NaN stays NaN.</summary>
internal readonly unsafe struct BFloat16Scalar : IScalarElement
{
    public static float Read(void* x, long index) => BitConverter.UInt32BitsToSingle((uint)((ushort*)x)[index] << 16);

    public static void Write(void* y, long index, float value)
    {
        // Adding half a unit, and the odd bit for ties, cannot carry a NaN of the decoder (one high mantissa bit) away.
        var bits = BitConverter.SingleToUInt32Bits(value);
        ((ushort*)y)[index] = (ushort)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
    }
}
