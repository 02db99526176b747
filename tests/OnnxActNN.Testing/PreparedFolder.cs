namespace OnnxActNN.Testing;

/// <summary>
/// Folders under artifacts/ with what tests need and the repository does not hold; each is prepared once.
/// </summary>
internal static class PreparedFolder
{
    /// <summary>
    /// The folder of that name, after <paramref name="prepare"/> has filled it, now or earlier. Test processes may run
    /// side by side: the one that holds the lock prepares, the others find it done.
    /// </summary>
    public static string Get(string name, Action<string> prepare)
    {
        var folder = Path.Combine(SharedFolder.Repository, "artifacts", name);
        Directory.CreateDirectory(folder);
        using var gate = WaitFor(Path.Combine(folder, ".lock"));
        var done = Path.Combine(folder, ".done");
        if (File.Exists(done)) return folder;
        prepare(folder);
        File.WriteAllText(done, "");
        return folder;
    }

    private static FileStream WaitFor(string path)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (attempt < 3000)
            {
                Thread.Sleep(100);
            }
        }
    }
}
