using OnnxActNN.Training.Runtime;
using Xunit;

namespace OnnxActNN.Testing;

/// <summary>
/// ONNX Runtime 1.19.2, the last build with training, for tests. A process can hold one native ONNX Runtime only; so
/// the end-to-end tests run on this one from their start (a module initializer calls <see cref="UseInThisProcess"/>),
/// and tests on the current ONNX Runtime live in the other test projects, or run in a process of their own.
/// </summary>
public static class TrainingRuntime
{
    private static readonly Lazy<string?> Prepared = new(Prepare);

    /// <summary>
    /// The folder with the native library; prepared once per repository. Skips the running test where it cannot be had.
    /// </summary>
    public static string Folder
    {
        get
        {
            SharedFolder.PathTo("ort-training");
            return Prepared.Value!;
        }
    }

    /// <summary>
    /// Makes this process use it, if it can be had; for a module initializer, before ONNX Runtime is used.
    /// </summary>
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
        if (SharedFolder.TryPathTo("ort-training", "setup.sh") is not { } script || !OperatingSystem.IsLinux())
            return null;
        return PreparedFolder.Get("ort-training", folder =>
        {
            var setup = ChildProcess.Run("bash", [script, folder, "native"]);
            if (setup.ExitCode != 0) throw new InvalidOperationException($"{script} failed: {setup}");
        });
    }
}
