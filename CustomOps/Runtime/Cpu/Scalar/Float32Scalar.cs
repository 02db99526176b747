namespace OnnxActNN.CustomOps.Cpu.Scalar;

/// <summary>float32.</summary>
internal readonly unsafe struct Float32Scalar : IScalarElement
{
    public static float Read(void* x, long index) => ((float*)x)[index];

    public static void Write(void* y, long index, float value) => ((float*)y)[index] = value;
}
