namespace OnnxActNN.CustomOps.Cpu.Vector;

/// <summary>The step runs over the group's end, into groups that come after it and are written later.</summary>
internal readonly struct Loose : IReach
{
    public static bool IsRagged => true;

    public static bool IsMasked => false;
}
