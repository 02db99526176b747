using OnnxActNN.Rewriter.Onnx;

namespace OnnxActNN.Training.Checkpoints;

/// <summary>The data file beside a checkpoint, with new data in it that no checkpoint names yet.</summary>
/// <remarks>
/// ONNX Runtime finds the file by its name, and nothing replaces two files in one step: a new file of data under the
/// old checkpoint would be one checkpoint's parameters with another's step count. So new data goes into the same file,
/// where the checkpoint that is there has none, and it is the new checkpoint's name alone that makes it count.
/// </remarks>
internal sealed class CheckpointDataFile
{
    /// <summary>Aligned to pages, so that a reader may map the file.</summary>
    private const long Page = 4096;

    private readonly string _path;
    private readonly long? _length;

    private CheckpointDataFile(string path, IReadOnlyDictionary<CheckpointTensor, long> offsets, long? length) =>
        (_path, Offsets, _length) = (path, offsets, length);

    /// <summary>Where each tensor's data begins.</summary>
    public IReadOnlyDictionary<CheckpointTensor, long> Offsets { get; }

    /// <summary>Writes data beside a checkpoint; if one of that name is there, it stays as it is.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static CheckpointDataFile Write(string checkpoint, IEnumerable<CheckpointTensor> tensors)
    {
        var path = checkpoint + CheckpointWriter.ExternalSuffix;
        var used = File.Exists(path) ? CheckpointReader.FindExternalData(checkpoint) : null;
        var (offsets, end) = Place(tensors, start: 0);
        if (used is not { } old)
        {
            AtomicFile.Write(path, stream => Write(stream, offsets, end));
            return new CheckpointDataFile(path, offsets, length: null);
        }
        // In front of the old data where there is room, else behind; so every other time in front.
        var isInFront = end <= old.Start;
        if (!isInFront) (offsets, end) = Place(tensors, NextPage(old.End));
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.Read);
        try
        {
            Write(file, offsets, isInFront ? old.End : end);
            file.Flush(flushToDisk: true);
        }
        catch
        {
            file.SetLength(old.End);
            throw;
        }
        return new CheckpointDataFile(path, offsets, isInFront ? end : null);
    }

    /// <summary>Cuts off the data of the checkpoint that was replaced, where it stands behind the new one's.</summary>
    public void DropOld()
    {
        if (_length is not { } length) return;
        using var file = new FileStream(_path, FileMode.Open, FileAccess.Write, FileShare.Read);
        file.SetLength(length);
    }

    private static (IReadOnlyDictionary<CheckpointTensor, long> Offsets, long End) Place(
        IEnumerable<CheckpointTensor> tensors, long start)
    {
        var offsets = new Dictionary<CheckpointTensor, long>(ReferenceEqualityComparer.Instance);
        var end = start;
        foreach (var tensor in tensors)
        {
            offsets[tensor] = NextPage(end);
            end = offsets[tensor] + tensor.Data.Length;
        }
        return (offsets, end);
    }

    private static void Write(FileStream file, IReadOnlyDictionary<CheckpointTensor, long> offsets, long length)
    {
        foreach (var (tensor, offset) in offsets)
        {
            file.Position = offset;
            file.Write(tensor.Data.Span);
        }
        // What a process that was killed left behind goes; and a last tensor without elements lies within the file.
        file.SetLength(length);
    }

    private static long NextPage(long position) => (position + Page - 1) / Page * Page;
}
