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
    public static TVector Load<TLanes, TVector>(void* source)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct =>
        TLanes.Load32(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<TLanes, TVector>(TVector value, void* target)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct =>
        TLanes.Store32(value, target);
}
