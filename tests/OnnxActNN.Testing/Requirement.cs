using Xunit;

namespace OnnxActNN.Testing;

/// <summary>
/// What a test needs besides the .NET SDK: without it the test is skipped and says why; where CI=true it fails, so that
/// no build server passes by skipping.
/// </summary>
internal static class Requirement
{
    /// <summary>Ends the running test where something is missing.</summary>
    /// <param name="isMet">Whether it is there.</param>
    /// <param name="reason">What is missing, and how to get it.</param>
    public static void Of(bool isMet, string reason)
    {
        if (isMet) return;
        if (Environment.GetEnvironmentVariable("CI") == "true") Assert.Fail(reason);
        Assert.Skip(reason);
    }

    /// <summary>Demands a program on the PATH.</summary>
    /// <param name="names">Names that it may have.</param>
    /// <param name="package">Debian's package of it.</param>
    /// <returns>The name that it has.</returns>
    public static string Program(string[] names, string package)
    {
        var found = names.FirstOrDefault(IsOnPath);
        Of(found is not null, $"there is no {names[0]} on the PATH (Debian's package is {package})");
        return found!;
    }

    /// <summary>Whether there is a program of that name on the PATH.</summary>
    public static bool IsOnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Any(folder => File.Exists(Path.Combine(folder, program)));
}
