using OnnxActNN.CustomOps.Cpu.Vector;

namespace OnnxActNN.CustomOps.Cpu.Elements;

/// <summary>
/// float64, through float32. What is not 0 stays so: a value below float32's range becomes its smallest one.
/// </summary>
internal readonly unsafe struct Float64Element : IScalarElement, IVectorElement
{
    public static int Size => 8;

    public static float Placement => 1f;

    public static float CodeUnit => throw new NotSupportedException();

    public static ushort Infinity => throw new NotSupportedException();

    public static float Read(void* x, long index)
    {
        var wide = ((double*)x)[index];
        var value = (float)wide;
        return value == 0 && wide > 0 ? float.Epsilon : value;
    }

    public static void Write(void* y, long index, float value) => ((double*)y)[index] = value;

    public static void WriteDecoded(void* y, long index, uint code, in DecodeParameters parameters) =>
        Write(y, index, code * parameters.Scale + parameters.Offset);

    public static TVector PlaceEven<TLanes, TVector>(TVector raw)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct => throw new NotSupportedException();

    public static TVector PlaceOdd<TLanes, TVector>(TVector raw)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct => throw new NotSupportedException();

    public static TVector Round<TLanes, TVector>(TVector even, TVector odd)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct => throw new NotSupportedException();
}
