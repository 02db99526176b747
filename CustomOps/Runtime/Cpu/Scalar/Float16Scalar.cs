namespace OnnxActNN.CustomOps.Cpu.Scalar;

/// <summary>float16, rounded to nearest even.</summary>
internal readonly unsafe struct Float16Scalar : IScalarElement
{
    public static float Read(void* x, long index) => (float)((Half*)x)[index];

    public static void Write(void* y, long index, float value) => ((Half*)y)[index] = (Half)value;
}
