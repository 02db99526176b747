namespace OnnxActNN.CustomOps.Cpu;

/// <summary>Runs all items on the calling thread.</summary>
internal sealed class SerialLoop : IParallelLoop
{
    public static SerialLoop Instance { get; } = new();

    public void For(long count, RangeAction action)
    {
        if (count > 0)
            action(0, count);
    }
}
