namespace OnnxActNN.Training.Prediction;

/// <summary>Memory of one training step, worked out from the graph without running it.</summary>
/// <remarks>
/// The order is that of ONNX Runtime's sequential executor over the file's nodes. What its graph optimizers fuse or
/// fold at session start is not known here, so small differences from a measured order are usual. Inputs that the
/// caller feeds (samples, labels) are the caller's and take no part.
/// </remarks>
internal sealed record MemoryPrediction
{
    /// <summary>The nodes in executed order.</summary>
    public required IReadOnlyList<PredictedStep> Steps { get; init; }

    /// <summary>Index of the first step that makes a gradient; the number of steps where none does.</summary>
    public required int FirstBackward { get; init; }

    /// <summary>Every buffer of a step, in the order in which they are made.</summary>
    public required IReadOnlyList<PredictedBuffer> Buffers { get; init; }

    /// <summary>Bytes of what is there all the time, by category.</summary>
    public required IReadOnlyDictionary<MemoryCategory, long> Constant { get; init; }

    /// <summary>Values whose size is not known; they count as nothing.</summary>
    public required IReadOnlyList<string> UnknownValues { get; init; }

    /// <summary>Most bytes of buffers alive at once, without what is there all the time.</summary>
    public required long PeakBytes { get; init; }

    /// <summary>The first step at which so many are alive; -1 where there are no steps.</summary>
    public required int PeakStep { get; init; }

    /// <summary>Bytes of what is there all the time.</summary>
    public long ConstantBytes => Constant.Values.Sum();

    /// <summary>The buffers made before the first gradient and needed from then on.</summary>
    public IEnumerable<PredictedBuffer> Saved =>
        Buffers.Where(buffer => buffer.First < FirstBackward && FirstBackward <= buffer.Last);

    /// <summary>Bytes of <see cref="Saved"/>.</summary>
    public long SavedBytes => Saved.Sum(buffer => buffer.Bytes);

    /// <summary>The buffers alive while a step runs, largest first.</summary>
    public IEnumerable<PredictedBuffer> AliveAt(int step) => Buffers
        .Where(buffer => buffer.First <= step && step <= buffer.Last)
        .OrderByDescending(buffer => buffer.Bytes).ThenBy(buffer => buffer.Name, StringComparer.Ordinal);

    /// <summary>Bytes alive while each step runs, of one category, with what of it is there all the time.</summary>
    public long[] BytesAt(MemoryCategory category)
    {
        var bytes = new long[Steps.Count];
        Array.Fill(bytes, Constant.GetValueOrDefault(category));
        foreach (var buffer in Buffers.Where(buffer => buffer.Category == category))
        {
            for (var step = buffer.First; step <= buffer.Last; step++) bytes[step] += buffer.Bytes;
        }
        return bytes;
    }
}
