using System.Security.Cryptography;
using OnnxActNN.CustomOps.Cuda;
using OnnxActNN.GpuCheck;
using OnnxActNN.Testing;

namespace OnnxActNN.CustomOps.Tests.Cuda;

/// <summary>
/// A CUDA driver without a device: the kernels' sources compiled as C++ with an emulation of warps, behind the driver's
/// own functions. Built once for each state of the sources, by g++.
/// </summary>
internal static class EmulatedCuda
{
    private const string Compiler = "g++";

    private static readonly string[] s_options =
        ["-std=c++20", "-O2", "-ffp-contract=off", "-fno-strict-aliasing", "-fPIC", "-Wall", "-Wextra", "-Werror",
        "-Wno-unknown-pragmas"];

    private static readonly Lazy<CudaKernels> s_kernels = new(Load);

    [ThreadStatic]
    private static CudaDevice? s_device;

    /// <summary>
    /// The kernels on it; skips the running test where there is no g++ for x86-64 Linux, fails it where CI=true.
    /// </summary>
    public static CudaKernels Kernels
    {
        get
        {
            Require();
            return s_kernels.Value;
        }
    }

    /// <summary>Its device, with its context made this thread's.</summary>
    public static CudaDevice Device
    {
        get
        {
            Require();
            return s_device ??= new CudaDevice(Kernels);
        }
    }

    /// <summary>The driver's library.</summary>
    public static string LibraryPath => Prepare(
        "libcuda.so.1", path => Build(path, null, ["emulation.cpp", "fake_cuda.cpp", .. KernelSources], "-shared"));

    private static string EmulationFolder { get; } =
        Path.Combine(SharedFolder.Repository, "tests", "OnnxActNN.CustomOps.Tests", "Cuda", "Emulation");

    private static string KernelFolder { get; } =
        Path.Combine(SharedFolder.Repository, "CustomOps", "Runtime", "Cuda", "Kernels");

    /// <summary>Skips the running test (or fails it where CI=true) where the emulation cannot be built.</summary>
    public static void Require() =>
        Requirement.Of(OperatingSystem.IsLinux() && HasCompiler.Value, "the CUDA emulation needs g++ on x86-64 Linux");

    /// <summary>
    /// Builds a program or library from sources of the emulation and all kernels, as they are in a folder.
    /// </summary>
    /// <param name="target">The file to make.</param>
    /// <param name="kernels">The folder with the kernels' sources; null for the repository's.</param>
    /// <param name="sources">Sources of the emulation, and kernels (.cu).</param>
    /// <param name="options">More options of the compiler.</param>
    public static void Build(string target, string? kernels, IEnumerable<string> sources, params string[] options)
    {
        var objects = new List<string>();
        Parallel.ForEach(
            sources,
            new ParallelOptions { MaxDegreeOfParallelism = 2 },
            source =>
            {
                var isKernel = source.EndsWith(".cu", StringComparison.Ordinal);
                var made = $"{target}.{source}.o";
                Compile([
                    "-x", "c++", "-c", "-I", EmulationFolder, "-o", made, .. s_options, .. options,
                    Path.Combine(isKernel ? kernels ?? KernelFolder : EmulationFolder, source)]);
                lock (objects) objects.Add(made);
            });
        Compile([.. options, .. objects.Order(StringComparer.Ordinal), "-o", target]);
        objects.ForEach(File.Delete);
    }

    /// <summary>Names of the kernels' source files.</summary>
    public static IEnumerable<string> KernelSources =>
        Directory.EnumerateFiles(KernelFolder, "*.cu").Select(path => Path.GetFileName(path)!)
            .Order(StringComparer.Ordinal);

    /// <summary>Copies the kernels' sources to a folder, for a test to change them there.</summary>
    public static void CopyKernels(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(KernelFolder))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
    }

    private static readonly Lazy<bool> HasCompiler = new(() =>
    {
        try
        {
            return ChildProcess.Run(Compiler, ["-dumpmachine"]).Output.StartsWith("x86_64", StringComparison.Ordinal);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    });

    /// <summary>A file that is built once for each state of the sources.</summary>
    public static string Prepare(string name, Action<string> build)
    {
        Require();
        var folder = PreparedFolder.Get(
            $"cuda-emulation-{HashOfSources()}-{name}", folder => build(Path.Combine(folder, name)));
        return Path.Combine(folder, name);
    }

    private static CudaKernels Load()
    {
        var (kernels, status) = CudaMachine.Find(LibraryPath);
        return kernels ?? throw new InvalidOperationException(status);
    }

    private static string HashOfSources()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var folder in new[] { EmulationFolder, KernelFolder })
        {
            foreach (var file in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal))
                hash.AppendData(File.ReadAllBytes(file));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }

    private static void Compile(IEnumerable<string> arguments)
    {
        var result = ChildProcess.Run(Compiler, arguments);
        if (result.ExitCode != 0) throw new InvalidOperationException($"{Compiler} failed: {result}");
    }
}
