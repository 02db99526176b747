using OnnxActNN.Training.Prediction;

namespace OnnxActNN.Tools.Exporting;

/// <summary>
/// A prediction as a snapshot of PyTorch's allocator, for the viewer at pytorch.org/memory_viz: each buffer is an
/// allocation, whose stack names value and category, then node and operator.
/// </summary>
/// <remarks>
/// Facts of the viewer (MemoryViz.js): its timeline needs the trace alone, but its history of the allocator looks every
/// block up in a segment and fails where there is none. So one segment holds all addresses, with the blocks that are
/// left at the end. An event with a category makes it fail unless another one's is "unknown"; there are none.
/// </remarks>
internal static class MemoryVizExport
{
    private const int ItemsPerPart = 1000;
    private const long Alignment = 512;

    public static byte[] Write(MemoryPrediction prediction)
    {
        var layout = Place(prediction);
        using var pickle = new PickleWriter();
        pickle.OpenDictionary();
        pickle.Write("segments");
        pickle.OpenList();
        WriteSegment(pickle, layout);
        pickle.CloseList();
        pickle.Write("device_traces");
        pickle.OpenList();
        pickle.OpenList();
        var written = 0;
        foreach (var entry in Trace(prediction, layout))
        {
            if (written++ % ItemsPerPart == ItemsPerPart - 1) pickle.BreakList();
            Write(pickle, entry);
        }
        pickle.CloseList();
        pickle.CloseList();
        pickle.CloseDictionary();
        return pickle.ToArray();
    }

    /// <summary>
    /// An address of its own for what is there all the time, and then for every buffer; and where the last one ends.
    /// </summary>
    private static Layout Place(MemoryPrediction prediction)
    {
        var address = Alignment;
        var constants = prediction.Constant.Where(entry => entry.Value > 0)
            .Select(entry => Allocate(entry.Value, $"all {Name(entry.Key)}", entry.Key)).ToList();
        var buffers = prediction.Buffers.Where(buffer => buffer.Bytes > 0)
            .Select(buffer => (buffer, Allocate(buffer.Bytes, buffer.Name, buffer.Category))).ToList();
        return new Layout(constants, buffers, address);

        Allocation Allocate(long bytes, string name, MemoryCategory category)
        {
            var allocation = new Allocation(address, bytes, name, Name(category));
            address += allocation.Room;
            return allocation;
        }
    }

    /// <summary>What is there all the time first, then allocations and frees step by step.</summary>
    private static IEnumerable<TraceEntry> Trace(MemoryPrediction prediction, Layout layout)
    {
        foreach (var constant in layout.Constants) yield return new TraceEntry("alloc", constant, 0, null);
        var made = layout.Buffers.ToLookup(entry => entry.Buffer.First);
        var freed = layout.Buffers.ToLookup(entry => entry.Buffer.Last);
        for (var step = 0; step < prediction.Steps.Count; step++)
        {
            var at = prediction.Steps[step];
            foreach (var (_, allocation) in made[step]) yield return new TraceEntry("alloc", allocation, step, at);
            foreach (var (_, allocation) in freed[step])
            {
                yield return new TraceEntry("free_requested", allocation, step, at);
                yield return new TraceEntry("free_completed", allocation, step, at);
            }
        }
    }

    private static void WriteSegment(PickleWriter pickle, Layout layout)
    {
        var (constants, _, end) = layout;
        var left = constants.Sum(constant => constant.Bytes);
        var free = end - Alignment - constants.Sum(constant => constant.Room);
        pickle.OpenDictionary();
        Write(pickle, "device", 0);
        Write(pickle, "address", Alignment);
        Write(pickle, "total_size", end - Alignment);
        Write(pickle, "allocated_size", left);
        Write(pickle, "active_size", left);
        Write(pickle, "requested_size", left);
        Write(pickle, "stream", 0);
        Write(pickle, "segment_type", "large");
        pickle.Write("frames");
        pickle.OpenList();
        pickle.CloseList();
        pickle.Write("blocks");
        pickle.OpenList();
        foreach (var constant in constants)
            WriteBlock(pickle, constant.Address, constant.Room, constant.Bytes, "active_allocated", constant);
        if (free > 0) WriteBlock(pickle, end - free, free, 0, "inactive", null);
        pickle.CloseList();
        pickle.CloseDictionary();
    }

    private static void WriteBlock(
        PickleWriter pickle, long address, long size, long requested, string state, Allocation? allocation)
    {
        pickle.OpenDictionary();
        Write(pickle, "address", address);
        Write(pickle, "size", size);
        Write(pickle, "requested_size", requested);
        Write(pickle, "state", state);
        pickle.Write("frames");
        pickle.OpenList();
        if (allocation is not null) WriteFrame(pickle, allocation.Category, allocation.Name, 0);
        pickle.CloseList();
        pickle.CloseDictionary();
    }

    private static void Write(PickleWriter pickle, TraceEntry entry)
    {
        pickle.OpenDictionary();
        Write(pickle, "action", entry.Action);
        Write(pickle, "addr", entry.Allocation.Address);
        Write(pickle, "size", entry.Allocation.Bytes);
        Write(pickle, "stream", 0);
        Write(pickle, "time_us", entry.Step);
        pickle.Write("frames");
        pickle.OpenList();
        WriteFrame(pickle, entry.Allocation.Category, entry.Allocation.Name, entry.Step);
        if (entry.At is { } at) WriteFrame(pickle, at.Operator, at.Node, entry.Step);
        pickle.CloseList();
        pickle.CloseDictionary();
    }

    /// <summary>
    /// The viewer shows a frame as file:line:function, without those that look like the inside of Python: so names are
    /// files.
    /// </summary>
    private static void WriteFrame(PickleWriter pickle, string function, string file, int line)
    {
        pickle.OpenDictionary();
        Write(pickle, "name", function);
        Write(pickle, "filename", file);
        Write(pickle, "line", line);
        pickle.CloseDictionary();
    }

    private static void Write(PickleWriter pickle, string key, string value)
    {
        pickle.Write(key);
        pickle.Write(value);
    }

    private static void Write(PickleWriter pickle, string key, long value)
    {
        pickle.Write(key);
        pickle.Write(value);
    }

    private static string Name(MemoryCategory category) => category.ToString().ToLowerInvariant();

    private sealed record Allocation(long Address, long Bytes, string Name, string Category)
    {
        public long Room => (Bytes + Alignment - 1) / Alignment * Alignment;
    }

    /// <summary>What is there all the time, then every buffer; and the address behind the last one.</summary>
    private sealed record Layout(
        List<Allocation> Constants, List<(PredictedBuffer Buffer, Allocation Allocation)> Buffers, long End);

    private sealed record TraceEntry(string Action, Allocation Allocation, int Step, PredictedStep? At);
}
