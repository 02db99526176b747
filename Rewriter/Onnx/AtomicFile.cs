namespace OnnxActNN.Rewriter.Onnx;

/// <summary>Whole-file writes: the new content is complete on disk before it takes the name.</summary>
/// <remarks>
/// Until then it stands beside the file under a name of its own, open all the time but for an instant after a copy.
/// What nobody has open any more was left by a process that was killed, and the next write of the same file removes it.
/// </remarks>
internal static class AtomicFile
{
    private const string Extension = ".tmp";

    public static void Write(string path, ReadOnlyMemory<byte> content) =>
        Write(path, stream => stream.Write(content.Span));

    /// <summary>
    /// Lets <paramref name="fill"/> write the content. When it throws, the old file stays and no other.
    /// </summary>
    public static void Write(string path, Action<FileStream> fill) => Replace(path, (temporary, takeName) =>
    {
        using var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.Delete);
        fill(stream);
        stream.Flush(flushToDisk: true);
        takeName();
    });

    /// <summary>Copies a file by the file system's own means, which know sparse and shared blocks.</summary>
    public static void Copy(string from, string to) => Replace(to, (temporary, takeName) =>
    {
        File.Copy(from, temporary);
        using var held = new FileStream(temporary, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        takeName();
    });

    private static void Replace(string path, Action<string, Action> make)
    {
        var full = Path.GetFullPath(path);
        var (folder, start) = (Path.GetDirectoryName(full)!, $".{Path.GetFileName(full)}.");
        RemoveAbandoned(folder, start);
        var temporary = Path.Combine(folder, $"{start}{Guid.NewGuid():N}{Extension}");
        try
        {
            make(temporary, () => File.Move(temporary, full, overwrite: true));
        }
        catch
        {
            if (File.Exists(temporary)) File.Delete(temporary);
            throw;
        }
    }

    private static void RemoveAbandoned(string folder, string start) => Try(() =>
    {
        foreach (var file in Directory.EnumerateFiles(folder).Where(file => IsTemporary(Path.GetFileName(file), start)))
            Try(() => RemoveUnlessOpen(file));
    });

    private static void RemoveUnlessOpen(string file)
    {
        const int NoBuffer = 0;
        using var held = new FileStream(
            file, FileMode.Open, FileAccess.ReadWrite, FileShare.None, NoBuffer, FileOptions.DeleteOnClose);
    }

    /// <summary>What another process has open, or is not this user's, stays: that is no reason not to write.</summary>
    private static void Try(Action remove)
    {
        try
        {
            remove();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The next write tries again.
        }
    }

    private static bool IsTemporary(string name, string start) =>
        name.Length > start.Length + Extension.Length
        && name.StartsWith(start, StringComparison.Ordinal) && name.EndsWith(Extension, StringComparison.Ordinal)
        && Guid.TryParseExact(name.AsSpan()[start.Length..^Extension.Length], "N", out _);
}
