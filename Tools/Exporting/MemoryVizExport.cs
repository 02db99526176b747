using OnnxActNN.Training.Prediction;

namespace OnnxActNN.Tools.Exporting;

/// <summary>
/// A prediction as a snapshot of PyTorch's allocator, for the viewer at pytorch.org/memory_viz: each buffer is an
/// allocation, whose one stack frame names value, node and category.
/// </summary>
internal static class MemoryVizExport
{
    private const int ItemsPerPart = 1000;
    private const long Alignment = 512;

    public static byte[] Write(MemoryPrediction prediction)
    {
        using var pickle = new PickleWriter();
        pickle.OpenDictionary();
        pickle.Write("segments");
        pickle.OpenList();
        pickle.CloseList();
        pickle.Write("device_traces");
        pickle.OpenList();
        pickle.OpenList();
        var written = 0;
        foreach (var entry in Trace(prediction))
        {
            if (written++ % ItemsPerPart == ItemsPerPart - 1) pickle.BreakList();
            Write(pickle, entry, prediction);
        }
        pickle.CloseList();
        pickle.CloseList();
        pickle.CloseDictionary();
        return pickle.ToArray();
    }

    /// <summary>What is there all the time first, then allocations and frees step by step; every buffer has an
    /// address of its own.</summary>
    private static IEnumerable<TraceEntry> Trace(MemoryPrediction prediction)
    {
        var address = Alignment;
        long Place(long bytes)
        {
            var here = address;
            address += (bytes + Alignment - 1) / Alignment * Alignment;
            return here;
        }
        foreach (var (category, bytes) in prediction.Constant.Where(entry => entry.Value > 0))
            yield return new TraceEntry("alloc", Place(bytes), bytes, 0, $"all {category.ToString().ToLowerInvariant()}", category);
        var buffers = prediction.Buffers.Where(buffer => buffer.Bytes > 0).Select(buffer => (Buffer: buffer, Address: Place(buffer.Bytes))).ToList();
        var made = buffers.ToLookup(entry => entry.Buffer.First);
        var freed = buffers.ToLookup(entry => entry.Buffer.Last);
        for (var step = 0; step < prediction.Steps.Count; step++)
        {
            foreach (var (buffer, at) in made[step]) yield return Entry("alloc", buffer, at, step);
            foreach (var (buffer, at) in freed[step])
            {
                yield return Entry("free_requested", buffer, at, step);
                yield return Entry("free_completed", buffer, at, step);
            }
        }
    }

    private static TraceEntry Entry(string action, PredictedBuffer buffer, long address, int step) =>
        new(action, address, buffer.Bytes, step, buffer.Name, buffer.Category);

    private static void Write(PickleWriter pickle, TraceEntry entry, MemoryPrediction prediction)
    {
        pickle.OpenDictionary();
        pickle.Write("action");
        pickle.Write(entry.Action);
        pickle.Write("addr");
        pickle.Write(entry.Address);
        pickle.Write("size");
        pickle.Write(entry.Bytes);
        pickle.Write("stream");
        pickle.Write(0);
        pickle.Write("time_us");
        pickle.Write(entry.Step);
        pickle.Write("frames");
        pickle.OpenList();
        pickle.OpenDictionary();
        pickle.Write("name");
        pickle.Write($"{entry.Name} ({entry.Category.ToString().ToLowerInvariant()})");
        pickle.Write("filename");
        pickle.Write(prediction.Steps.Count > 0 ? prediction.Steps[entry.Step].Node : "");
        pickle.Write("line");
        pickle.Write(entry.Step);
        pickle.CloseDictionary();
        pickle.CloseList();
        pickle.CloseDictionary();
    }

    private sealed record TraceEntry(string Action, long Address, long Bytes, int Step, string Name, MemoryCategory Category);
}
