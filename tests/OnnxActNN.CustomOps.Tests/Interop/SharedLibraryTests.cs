using System.Runtime.InteropServices;
using FluentAssertions;
using Microsoft.ML.OnnxRuntime;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Testing;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Interop;

/// <summary>libonnxactnn, as C# and Python users load it, does what the operators in process do.</summary>
[Collection(SessionCollection.Name)]
public sealed class SharedLibraryTests
{
    [Fact]
    public void From_csharp_it_gives_the_same_bytes()
    {
        RequireLinux();
        using var session = new OperatorSession(
            OperatorGraph.PackUnpack(DataType.Float),
            options => options.RegisterCustomOpLibrary(OperatorLibraryFile.Path),
            inProcess: false);
        using var outputs = session.Run(("x", OperatorSession.Tensor(Sample.X, Sample.Dimensions)));
        outputs.Elements<byte>("packed").Should().Equal(Sample.Packed);
        outputs.Elements<float>("y").Should().Equal(Sample.Unpack(Sample.Packed));
    }

    /// <summary>
    /// By what the processor has, not by what this process uses of it: .NET leaves 512-bit vectors alone on processors
    /// that slow down for them, and switches of the runtime are not the library's.
    /// </summary>
    [Fact]
    public void It_hands_over_to_the_build_for_this_processor()
    {
        RequireLinux();
        using var session = new OperatorSession(
            OperatorGraph.PackUnpack(DataType.Float),
            options => options.RegisterCustomOpLibrary(OperatorLibraryFile.Path),
            inProcess: false);
        var flags = File.ReadLines("/proc/cpuinfo").First(line => line.StartsWith("flags", StringComparison.Ordinal))
            .Split(' ');
        string[] ofAvx512 = ["avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"];
        var expected = ofAvx512.All(flags.Contains) ? "libonnxactnn.avx512.so"
            : flags.Contains("avx2") ? "libonnxactnn.avx2.so" : "libonnxactnn.so";
        var loaded = File.ReadLines("/proc/self/maps").Select(Path.GetFileName)
            .Where(name => name!.StartsWith("libonnxactnn", StringComparison.Ordinal));
        loaded.Distinct().Should().BeEquivalentTo(new[] { "libonnxactnn.so", expected }.Distinct());
    }

    [Fact]
    public void From_python_it_gives_the_same_bytes_on_the_runtime_that_trains()
    {
        RequireLinux();
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var model = Path.Combine(folder.FullName, "model.onnx");
            File.WriteAllBytes(model, OperatorGraph.PackUnpack(DataType.Float));
            File.WriteAllBytes(Path.Combine(folder.FullName, "x.bin"), MemoryMarshal.AsBytes(Sample.X.AsSpan()));
            var script = Path.Combine(AppContext.BaseDirectory, "Interop", "run_operators.py");
            var shape = string.Join(',', Sample.Dimensions);
            var python = ChildProcess.Run(TrainingPython.Interpreter, [script, OperatorLibraryFile.Path, model, shape]);

            python.ExitCode.Should().Be(0, python.ToString());
            python.Output.Should().StartWith("1.19.2");
            File.ReadAllBytes(Path.Combine(folder.FullName, "packed.bin")).Should().Equal(Sample.Packed);
            File.ReadAllBytes(Path.Combine(folder.FullName, "y.bin")).Should()
                .Equal(MemoryMarshal.AsBytes(Sample.Unpack(Sample.Packed).AsSpan()).ToArray());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Beside_operators_in_process_it_is_refused_not_mixed_up()
    {
        RequireLinux();
        var library = OperatorLibraryFile.Path;
        var open = () => new OperatorSession(
            OperatorGraph.PackUnpack(DataType.Float), options => options.RegisterCustomOpLibrary(library));
        open.Should().Throw<OnnxRuntimeException>().WithMessage("*Domain already set*");
    }

    private static void RequireLinux() => Assert.SkipUnless(
        OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64,
        "the library is published for x64 Linux");
}
