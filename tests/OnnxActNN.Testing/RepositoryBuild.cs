namespace OnnxActNN.Testing;

/// <summary>
/// Builds of this repository's projects by tests, one after the other: they write to the same folders, and a restore
/// for one platform takes the other's away.
/// </summary>
internal static class RepositoryBuild
{
    private static readonly Lock Gate = new();

    /// <summary>Runs dotnet on a project's folder, in Release.</summary>
    public static ChildProcess.Result Run(string verb, string project, params IEnumerable<string> arguments)
    {
        lock (Gate)
        {
            return ChildProcess.Run(
                "dotnet",
                [
                    verb, Path.Combine(SharedFolder.Repository, project), "-c", "Release", "-v", "q", "--nologo",
                    .. arguments,
                ],
                seconds: 1200);
        }
    }
}
