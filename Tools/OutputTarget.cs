namespace OnnxActNN.Tools;

/// <summary>Where a verb writes: never over its input, and over something else only when told to.</summary>
internal static class OutputTarget
{
    /// <exception cref="UsageException">The output is the input, or a file is to replace a folder.</exception>
    /// <exception cref="IOException">Something stands there already.</exception>
    public static void Check(string source, string target, bool force)
    {
        if (Path.GetFullPath(source) == Path.GetFullPath(target))
            throw new UsageException("the output is the input; write to another place, so that the original stays.");
        if (!force && (File.Exists(target) || Directory.Exists(target)))
            throw new IOException($"'{target}' is there already; --force replaces it.");
        if (!Directory.Exists(source) && Directory.Exists(target))
            throw new UsageException($"'{target}' is a folder; name a file for a file.");
    }
}
