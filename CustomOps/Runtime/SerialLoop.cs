namespace OnnxActNN.CustomOps;

/// <summary>The calling thread alone.</summary>
internal sealed class SerialLoop : IParallelLoop
{
    public static readonly SerialLoop Instance = new();

    private SerialLoop()
    {
    }

    public void Run(int count, Action<int> body)
    {
        for (var index = 0; index < count; index++) body(index);
    }
}
