namespace OnnxActNN.CustomOps.Cpu.Scalar;

/// <summary>float64, through float32. What is not 0 stays so: a value below float32's range becomes its smallest one.</summary>
internal readonly unsafe struct Float64Scalar : IScalarElement
{
    public static float Read(void* x, long index)
    {
        var wide = ((double*)x)[index];
        var value = (float)wide;
        return value == 0 && wide > 0 ? float.Epsilon : value;
    }

    public static void Write(void* y, long index, float value) => ((double*)y)[index] = value;
}
