namespace OnnxActNN.Rewriter.Onnx;

/// <summary>Whole-file writes: the new content is complete on disk before it takes the name.</summary>
internal static class AtomicFile
{
    public static void Write(string path, ReadOnlyMemory<byte> content) => Write(path, stream => stream.Write(content.Span));

    /// <summary>
    /// Lets <paramref name="fill"/> write the content. When it throws, the old file stays and no other.
    /// </summary>
    public static void Write(string path, Action<FileStream> fill) => Replace(path, temporary =>
    {
        using var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        fill(stream);
        stream.Flush(flushToDisk: true);
    });

    /// <summary>Copies a file by the file system's own means, which know sparse and shared blocks.</summary>
    public static void Copy(string from, string to) => Replace(to, temporary => File.Copy(from, temporary));

    private static void Replace(string path, Action<string> make)
    {
        var full = Path.GetFullPath(path);
        var temporary = Path.Combine(Path.GetDirectoryName(full)!, $".{Path.GetFileName(full)}.{Guid.NewGuid():N}.tmp");
        try
        {
            make(temporary);
            File.Move(temporary, full, overwrite: true);
        }
        catch
        {
            if (File.Exists(temporary)) File.Delete(temporary);
            throw;
        }
    }
}
