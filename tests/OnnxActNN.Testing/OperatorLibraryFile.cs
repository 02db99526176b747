namespace OnnxActNN.Testing;

/// <summary>libonnxactnn, published from this repository's sources once per test process.</summary>
internal static class OperatorLibraryFile
{
    private static readonly Lazy<string> Published = new(Publish);

    /// <summary>The programs by which .NET links a native library, either of them.</summary>
    private static readonly string[] Linkers = ["clang", "gcc"];

    /// <summary>
    /// The library file; the builds for wider vectors lie beside it. Skips the running test (or fails it where CI=true)
    /// where there is no linker to build it with.
    /// </summary>
    public static string Path
    {
        get
        {
            RequireLinker();
            return Published.Value;
        }
    }

    /// <summary>Skips the running test (or fails it where CI=true) where .NET cannot link a native program.</summary>
    public static void RequireLinker() => Requirement.Program(Linkers, "gcc, with zlib1g-dev");

    private static string Publish()
    {
        var folder = System.IO.Path.Combine(SharedFolder.Repository, "artifacts", "native");
        // Always asked for, so that the tests never see an old library; the build leaves alone what is up to date.
        var publish = RepositoryBuild.Run("publish", "CustomOps/Native", "-r", "linux-x64", "-o", folder);
        if (publish.ExitCode != 0) throw new InvalidOperationException($"libonnxactnn does not build: {publish}");
        return System.IO.Path.Combine(folder, "libonnxactnn.so");
    }
}
