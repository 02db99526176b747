namespace OnnxActNN.CustomOps.Cpu.Vector;

/// <summary>All columns and their elements are there.</summary>
internal readonly struct Whole : IReach
{
    public static bool IsRagged => false;

    public static bool IsMasked => false;
}
