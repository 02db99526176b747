using FluentAssertions;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Testing;
using Xunit;

namespace OnnxActNN.Rewriter.Tests.Onnx;

/// <summary>Reading and writing the real training graphs without a change in between.</summary>
public sealed class RealModelTests
{
    [Fact]
    public void Every_real_model_is_written_byte_for_byte()
    {
        var files = Directory.GetFiles(SharedFolder.PathTo("models"), "*.onnx", SearchOption.AllDirectories);
        var changed = files.Where(
            file => !ModelWriter.Write(ModelReader.ReadFile(file)).SequenceEqual(File.ReadAllBytes(file)));

        files.Should().HaveCountGreaterThan(90);
        changed.Should().BeEmpty();
    }
}
