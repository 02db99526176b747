namespace OnnxActNN.CustomOps.Cpu.Vector;

/// <summary>The step keeps to the group.</summary>
internal readonly struct Masked : IReach
{
    public static bool IsRagged => true;

    public static bool IsMasked => true;
}
