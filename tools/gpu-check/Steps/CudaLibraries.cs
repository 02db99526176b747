using System.Runtime.InteropServices;

namespace OnnxActNN.GpuCheck.Steps;

/// <summary>
/// The CUDA libraries that ONNX Runtime's provider needs, as a PyTorch installation has them (nvidia/*/lib beside it).
/// They are loaded by their paths before the provider is, which then finds them by name.
/// </summary>
internal static class CudaLibraries
{
    private static readonly string[] s_needed =
        ["libcudart.so", "libnvJitLink.so", "libnvrtc.so", "libcublasLt.so", "libcublas.so", "libcurand.so",
        "libcufft.so", "libcudnn"];

    /// <summary>
    /// Folders named nvidia among the Python packages of this machine: the system's, the user's, those of a python3 on
    /// the PATH.
    /// </summary>
    public static IReadOnlyList<string> FindFolders() => FindFolders(
    [
        "/usr/lib", "/usr/local/lib",
        Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "lib"),
        .. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Where(folder => File.Exists(Path.Combine(folder, "python3")))
            .Select(folder => Path.Combine(folder, "..", "lib")),
    ]);

    /// <summary>The same below other folders that hold python3.* or python3.</summary>
    internal static IReadOnlyList<string> FindFolders(IEnumerable<string> roots) =>
    [
        .. roots.Where(Directory.Exists)
            .SelectMany(root => Directory.EnumerateDirectories(root, "python3*"))
            .SelectMany(
                python => (string[])[Path.Combine(python, "site-packages"), Path.Combine(python, "dist-packages")])
            .Select(packages => Path.Combine(packages, "nvidia"))
            .Where(Directory.Exists)
            .Select(Path.GetFullPath)
            .Distinct()
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Loads what there is, in rounds, because some need others.</summary>
    /// <returns>The names of the files loaded.</returns>
    public static IReadOnlyList<string> Load(IEnumerable<string> folders)
    {
        var waiting = folders.SelectMany(
            folder => Directory.EnumerateFiles(folder, "lib*.so*", SearchOption.AllDirectories))
            .Where(file => s_needed.Any(name => Path.GetFileName(file).StartsWith(name, StringComparison.Ordinal)))
            .Order(StringComparer.Ordinal).ToList();
        var loaded = new List<string>();
        while (waiting.Where(file => NativeLibrary.TryLoad(file, out _)).ToList() is { Count: > 0 } done)
        {
            loaded.AddRange(done.Select(file => Path.GetFileName(file)));
            waiting.RemoveAll(done.Contains);
        }
        return loaded;
    }
}
