using FluentAssertions;
using OnnxActNN.Rewriter;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Testing;
using OnnxActNN.TestModels;
using Xunit;

namespace OnnxActNN.EndToEnd.Tests.Packaging;

/// <summary>The Python package, built without network and installed into a Python that trains.</summary>
public sealed class WheelTests : IDisposable
{
    private const string Open = """
        import sys
        sys.path.insert(0, sys.argv[1])
        import onnxruntime
        import onnxactnn
        options = onnxactnn.register(onnxruntime.SessionOptions())
        assert not options.enable_mem_pattern
        session = onnxruntime.InferenceSession(sys.argv[2], options, providers=["CPUExecutionProvider"])
        print(onnxactnn.__version__, onnxactnn.library_path(), len(session.get_outputs()))
        """;

    private readonly TempFolder _folder = new();

    [Fact]
    public void The_wheel_installs_and_registers_the_operators()
    {
        var packed = _folder.PathTo("packed.onnx");
        TrainingGraphRewriter.Rewrite(ModelWriter.Write(TestModelCatalog.Find("step-residual").Build())).Save(packed);
        var site = _folder.PathTo("site", "onnxactnn");
        Python(
            "-m", "pip", "install", "--no-index", "--no-deps", "--quiet", "--target", Path.GetDirectoryName(site)!,
            Build("first"));

        var run = Python("-c", Open, Path.GetDirectoryName(site)!, packed);

        run.Output.Should().StartWith($"0.1.0 {Path.Combine(site, "lib", "libonnxactnn.so")}");
    }

    [Fact]
    public void The_same_sources_give_the_same_wheel() =>
        File.ReadAllBytes(Build("first")).Should().Equal(File.ReadAllBytes(Build("second")));

    public void Dispose() => _folder.Dispose();

    private string Build(string folder)
    {
        var script = Path.Combine(SharedFolder.Repository, "CustomOps", "Python", "build_wheel.py");
        return Python(
            script, Path.GetDirectoryName(OperatorLibraryFile.Path)!,
            Path.GetDirectoryName(_folder.PathTo(folder, "x"))!).Output.Trim();
    }

    private static ChildProcess.Result Python(params string[] arguments)
    {
        var run = ChildProcess.Run(TrainingPython.Interpreter, arguments);
        run.ExitCode.Should().Be(0, run.ToString());
        return run;
    }
}
