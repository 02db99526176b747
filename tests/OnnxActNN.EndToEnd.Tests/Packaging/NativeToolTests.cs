using System.Diagnostics;
using FluentAssertions;
using OnnxActNN.Testing;
using OnnxActNN.TestModels;
using Xunit;

namespace OnnxActNN.EndToEnd.Tests.Packaging;

/// <summary>The tool compiled ahead of time: it starts at once and does the same.</summary>
public sealed class NativeToolTests(ITestOutputHelper output)
{
    private const int Starts = 20;

    /// <summary>As long as none was in time: a busy machine lets few starts run without a break.</summary>
    private const int MostStarts = 200;
    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(50);

    [Fact]
    public void It_starts_within_50_ms_and_rewrites_as_the_managed_one()
    {
        OperatorLibraryFile.RequireLinker();
        var folder = Path.Combine(SharedFolder.Repository, "artifacts", "native-tool");
        var publish = RepositoryBuild.Run(
            "publish", "Tools", "-r", "linux-x64", "-p:PublishAot=true",
            "--artifacts-path", Path.Combine(folder, "build"), "-o", folder);
        publish.ExitCode.Should().Be(0, publish.ToString());
        var tool = Path.Combine(folder, "onnxactnn");

        // The least of many: what else the machine does only ever adds.
        var least = TimeSpan.MaxValue;
        for (var start = 0; start < Starts || (least >= Limit && start < MostStarts); start++)
        {
            var watch = Stopwatch.StartNew();
            ChildProcess.Run(tool, ["--version"]).ExitCode.Should().Be(0);
            if (watch.Elapsed < least) least = watch.Elapsed;
        }
        output.WriteLine($"starts within {least.TotalMilliseconds:F1} ms; {new FileInfo(tool).Length / 1e6:F1} MB");
        least.Should().BeLessThan(Limit);

        using var temp = new TempFolder();
        TestModelFiles.Write(TestModelCatalog.Find("residual"), temp.Path, batch: 2);
        var (model, native, managed) =
            (temp.PathTo(TestModelFiles.Graph), temp.PathTo("native.onnx"), temp.PathTo("managed.onnx"));
        ChildProcess.Run(tool, ["rewrite", model, "-o", native]).ExitCode.Should().Be(0);
        Tools.ToolProcess.Run("rewrite", model, "-o", managed).ExitCode.Should().Be(0);
        File.ReadAllBytes(native).Should().Equal(File.ReadAllBytes(managed));
        ChildProcess.Run(
            tool, ["report", model, native, "-o", temp.PathTo("report.html"), "--dim", "batch=2"]).ExitCode.Should()
            .Be(0);
        ChildProcess.Run(tool, ["demo", "--epochs", "1", "--json"]).Output.Should().Contain("\"ratios\"");
        ChildProcess.Run(tool, ["doctor"]).ExitCode.Should().Be(0);
    }
}
