using System.Runtime.CompilerServices;
using OnnxActNN.Testing;

namespace OnnxActNN.CustomOps.Tests.Interop;

/// <summary>
/// The native ONNX Runtime of this test process: the one of the package, or the one that the parent process names. A
/// process can hold one only, so tests on another run in a child process (<see cref="ChildProcess"/>).
/// </summary>
internal static class RuntimeUnderTest
{
    /// <summary>What the parent process sets.</summary>
    public const string Variable = "ONNXACTNN_TEST_RUNTIME";

    [ModuleInitializer]
    internal static void Choose()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } path)
            TrainingRuntime.UseInThisProcess(path);
    }
}
