namespace OnnxActNN.CustomOps.Cpu;

/// <summary>
/// Arrays of float32 for one call of a kernel, which the next call on the same thread gets again: new ones for each
/// would grow the managed heap by megabytes in a step, until it is collected.
/// </summary>
internal sealed class ScratchNumbers : IDisposable
{
    [ThreadStatic]
    private static Dictionary<int, Stack<float[]>>? t_free;

    private readonly List<float[]> _taken = [];

    private static Dictionary<int, Stack<float[]>> Free => t_free ??= [];

    /// <summary>An array of exactly so many numbers, of any values.</summary>
    public float[] Take(long count)
    {
        var numbers = Free.TryGetValue(checked((int)count), out var free) && free.TryPop(out var found)
            ? found
            : new float[count];
        _taken.Add(numbers);
        return numbers;
    }

    /// <summary>A copy.</summary>
    public float[] Copy(ReadOnlySpan<float> numbers)
    {
        var copy = Take(numbers.Length);
        numbers.CopyTo(copy);
        return copy;
    }

    /// <summary>The arrays are no longer used.</summary>
    public void Dispose()
    {
        foreach (var numbers in _taken)
        {
            if (!Free.TryGetValue(numbers.Length, out var free)) Free.Add(numbers.Length, free = new Stack<float[]>());
            free.Push(numbers);
        }
        _taken.Clear();
    }
}
