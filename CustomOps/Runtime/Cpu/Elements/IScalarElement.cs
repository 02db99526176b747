namespace OnnxActNN.CustomOps.Cpu.Elements;

/// <summary>Reads and writes one element of a type as float32.</summary>
internal unsafe interface IScalarElement
{
    public static abstract float Read(void* x, long index);

    public static abstract void Write(void* y, long index, float value);

    /// <summary>Writes code · scale + offset, rounded to float32 as the type has it and then to the type.</summary>
    public static abstract void WriteDecoded(void* y, long index, uint code, in DecodeParameters parameters);
}
