using System.Runtime.CompilerServices;
using OnnxActNN.CustomOps.Cpu.Vector;

namespace OnnxActNN.CustomOps.Cpu.Elements;

/// <summary>float32.</summary>
internal readonly unsafe struct Float32Element : IScalarElement, IVectorElement
{
    public static int Size => 4;

    public static float Read(void* x, long index) => ((float*)x)[index];

    public static void Write(void* y, long index, float value) => ((float*)y)[index] = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector ToFloat<TLanes, TVector>(TVector raw)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct => raw;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector FromFloat<TLanes, TVector>(TVector value)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct => value;
}
