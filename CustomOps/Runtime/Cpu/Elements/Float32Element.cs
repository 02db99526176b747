using OnnxActNN.CustomOps.Cpu.Vector;

namespace OnnxActNN.CustomOps.Cpu.Elements;

/// <summary>float32.</summary>
internal readonly unsafe struct Float32Element : IScalarElement, IVectorElement
{
    public static int Size => 4;

    public static float Placement => 1f;

    public static float CodeUnit => throw new NotSupportedException();

    public static ushort Infinity => throw new NotSupportedException();

    public static float Read(void* x, long index) => ((float*)x)[index];

    public static void Write(void* y, long index, float value) => ((float*)y)[index] = value;

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
