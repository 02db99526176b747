namespace OnnxActNN.Rewriter.Analysis;

/// <summary>
/// Bytes alive while each node of an executed order runs, if every buffer is made by the node that first writes it and
/// freed after the last node that touches it. Pure arithmetic: knows neither graphs nor ONNX Runtime.
/// </summary>
/// <remarks>
/// Values that no node writes (graph inputs, parameters, constants) take no part: their owner keeps them whatever the
/// graph does.
/// </remarks>
internal sealed class LivenessTimeline
{
    private readonly IReadOnlyList<LivenessStep> _steps;
    private readonly Dictionary<string, Life> _lives = [];

    /// <summary>Computes lives and bytes.</summary>
    /// <param name="steps">Nodes in executed order.</param>
    /// <param name="bytesOf">Size of a value that owns its buffer.</param>
    /// <param name="ownerOf">
    /// The value whose buffer a value lies in: itself, or what it is a view or an alias of.
    /// </param>
    /// <param name="kept">Values that the caller takes at the end (graph outputs).</param>
    public LivenessTimeline(
        IReadOnlyList<LivenessStep> steps, Func<string, long> bytesOf, Func<string, string> ownerOf,
        IReadOnlySet<string> kept)
    {
        _steps = steps;
        for (var step = 0; step < steps.Count; step++)
        {
            foreach (var written in steps[step].Writes) Touch(ownerOf(written), step, bytesOf, isWrite: true);
            // What is written over ends where its successor begins, so that the one buffer counts once.
            foreach (var read in steps[step].Reads)
                Touch(ownerOf(read), read == steps[step].Overwritten ? step - 1 : step, bytesOf, isWrite: false);
        }
        foreach (var owner in kept.Select(ownerOf))
        {
            if (_lives.TryGetValue(owner, out var life)) _lives[owner] = life with { Last = steps.Count - 1 };
        }
        BytesAt = Accumulate();
    }

    /// <summary>Bytes alive while each node runs, in executed order.</summary>
    public IReadOnlyList<long> BytesAt { get; }

    /// <summary>Every buffer with its size and the steps that make it and touch it last.</summary>
    public IEnumerable<BufferLife> Lives =>
        _lives.Select(life => new BufferLife(life.Key, life.Value.Bytes, life.Value.First, life.Value.Last));

    /// <summary>The first moment with the most bytes alive.</summary>
    public LivenessPeak Peak()
    {
        if (_steps.Count == 0) return new LivenessPeak(0, -1, []);
        var bytes = BytesAt.Max();
        var step = BytesAt.ToList().IndexOf(bytes);
        var alive = _lives.Where(life => life.Value.First <= step && step <= life.Value.Last)
            .OrderByDescending(life => life.Value.Bytes).ThenBy(life => life.Key, StringComparer.Ordinal)
            .Select(life => life.Key);
        return new LivenessPeak(bytes, step, [.. alive]);
    }

    /// <summary>The buffers made before a step and touched at it or later: what crosses that point.</summary>
    public IEnumerable<(string Buffer, long Bytes)> Crossing(int step) =>
        _lives.Where(life => life.Value.First < step && step <= life.Value.Last)
            .Select(life => (life.Key, life.Value.Bytes));

    private void Touch(string owner, int step, Func<string, long> bytesOf, bool isWrite)
    {
        if (_lives.TryGetValue(owner, out var life)) _lives[owner] = life with { Last = step };
        else if (isWrite) _lives[owner] = new Life(step, step, bytesOf(owner));
    }

    private long[] Accumulate()
    {
        var change = new long[_steps.Count + 1];
        foreach (var life in _lives.Values)
        {
            change[life.First] += life.Bytes;
            change[life.Last + 1] -= life.Bytes;
        }
        var bytes = new long[_steps.Count];
        long alive = 0;
        for (var step = 0; step < bytes.Length; step++) bytes[step] = alive += change[step];
        return bytes;
    }

    private readonly record struct Life(int First, int Last, long Bytes);
}
