namespace OnnxActNN.CustomOps.Cpu.Vector;

/// <summary>No.</summary>
internal readonly struct Off : IFlag
{
    public static bool IsOn => false;
}
