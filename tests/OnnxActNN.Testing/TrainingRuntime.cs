using System.Diagnostics;
using OnnxActNN.Training.Runtime;
using Xunit;

namespace OnnxActNN.Testing;

/// <summary>
/// ONNX Runtime 1.19.2, the last build with training, for tests. A process can hold one native ONNX Runtime only; so the end-to-end
/// tests run on this one from their start (a module initializer calls <see cref="UseInThisProcess"/>), and tests on the current
/// ONNX Runtime live in the other test projects, or run in a process of their own.
/// </summary>
public static class TrainingRuntime
{
    private static readonly Lazy<string?> Prepared = new(Prepare);

    /// <summary>The folder with the native library; prepared once per repository. Skips the running test where it cannot be had.</summary>
    public static string Folder
    {
        get
        {
            SharedFolder.PathTo("ort-training");
            return Prepared.Value!;
        }
    }

    /// <summary>Makes this process use it, if it can be had; for a module initializer, before ONNX Runtime is used.</summary>
    public static void UseInThisProcess()
    {
        if (Prepared.Value is { } folder) UseInThisProcess(folder);
    }

    /// <summary>Makes this process use the one in that folder; before ONNX Runtime is used.</summary>
    public static void UseInThisProcess(string folder)
    {
        OrtLibrary.Use(folder);
        ClonedSessionOptions.KeepOperators(OrtLibrary.Handle);
    }

    /// <summary>Skips the running test (or fails it where CI=true) unless this process can train.</summary>
    public static void Require()
    {
        SharedFolder.PathTo("ort-training");
        Assert.True(OrtLibrary.HasTraining, $"ONNX Runtime {OrtLibrary.Version} of the test process cannot train.");
    }

    private static string? Prepare()
    {
        if (SharedFolder.TryPathTo("ort-training", "setup.sh") is not { } script || !OperatingSystem.IsLinux()) return null;
        var folder = Path.Combine(SharedFolder.Repository, "artifacts", "ort-training");
        Directory.CreateDirectory(folder);
        // Test processes may run side by side; the one that holds the lock prepares, the others find it done.
        using var gate = WaitFor(Path.Combine(folder, ".lock"));
        var done = Path.Combine(folder, ".done");
        if (File.Exists(done)) return folder;
        using var setup = Process.Start("bash", [script, folder, "native"]);
        setup.WaitForExit();
        if (setup.ExitCode != 0) throw new InvalidOperationException($"{script} failed with exit code {setup.ExitCode}.");
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
            catch (IOException) when (attempt < 600)
            {
                Thread.Sleep(100);
            }
        }
    }
}
