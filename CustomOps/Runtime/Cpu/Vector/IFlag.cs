namespace OnnxActNN.CustomOps.Cpu.Vector;

/// <summary>A choice that is made when a kernel is compiled, so that its loop has no branch for it.</summary>
internal interface IFlag
{
    public static abstract bool IsOn { get; }
}
