namespace OnnxActNN.Testing;

/// <summary>
/// The folder with material that is not part of the repository: real training graphs and a build of ONNX Runtime that
/// trains. It is <c>$ONNXACTNN_SHARED</c>, or <c>shared</c> beside the repository. Tests that need it are skipped where
/// it is missing, and fail where CI=true, so that no build server passes by skipping.
/// </summary>
public static class SharedFolder
{
    private static readonly string? Root = Find();

    /// <summary>Whether the folder is there.</summary>
    public static bool IsPresent => Root is not null;

    /// <summary>The repository's root, seen from the test's own folder.</summary>
    public static string Repository { get; } = FindRepository();

    /// <summary>
    /// A path within the folder. Skips the running test where the folder is missing; fails it where CI=true.
    /// </summary>
    public static string PathTo(params string[] parts)
    {
        Requirement.Of(
            Root is not null,
            "the shared folder is missing: set ONNXACTNN_SHARED, or put it beside the repository as 'shared'");
        return Path.Combine([Root!, .. parts]);
    }

    /// <summary>
    /// A path within the folder, or null where the folder is missing; for code that runs outside a test.
    /// </summary>
    public static string? TryPathTo(params string[] parts) => Root is null ? null : Path.Combine([Root, .. parts]);

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("ONNXACTNN_SHARED") is { Length: > 0 } named) return named;
        var beside = Path.GetFullPath(Path.Combine(FindRepository(), "..", "shared"));
        return Directory.Exists(beside) ? beside : null;
    }

    private static string FindRepository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "OnnxActNN.sln"))) return folder.FullName;
        }
        throw new InvalidOperationException($"No OnnxActNN.sln above {AppContext.BaseDirectory}.");
    }
}
