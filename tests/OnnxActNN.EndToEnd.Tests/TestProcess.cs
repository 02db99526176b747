using System.Runtime.CompilerServices;
using OnnxActNN.Testing;

namespace OnnxActNN.EndToEnd.Tests;

/// <summary>All end-to-end tests run on the ONNX Runtime that trains; see <see cref="TrainingRuntime"/>.</summary>
internal static class TestProcess
{
    [ModuleInitializer]
    internal static void ChooseRuntime() => TrainingRuntime.UseInThisProcess();
}
