namespace OnnxActNN.CustomOps.Cpu.Vector;

/// <summary>What a step over a vector of columns may touch.</summary>
internal interface IReach
{
    /// <summary>Whether places without an element may be among its columns.</summary>
    public static abstract bool IsRagged { get; }

    /// <summary>Whether nothing beyond the group may be read or written.</summary>
    public static abstract bool IsMasked { get; }
}
