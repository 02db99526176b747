namespace OnnxActNN.CustomOps.Cpu.Vector;

/// <summary>Yes.</summary>
internal readonly struct On : IFlag
{
    public static bool IsOn => true;
}
