using FluentAssertions;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Testing;
using Xunit;

namespace OnnxActNN.Rewriter.Tests.Onnx;

public sealed class AtomicFileTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_writer_that_fails_leaves_the_old_file_and_nothing_else()
    {
        var path = _folder.PathTo("model.onnx");
        File.WriteAllText(path, "old");

        var write = () => AtomicFile.Write(path, stream =>
        {
            stream.Write("half of the new"u8);
            stream.Flush();
            throw new IOException("disk full");
        });

        write.Should().Throw<IOException>().WithMessage("disk full");
        File.ReadAllText(path).Should().Be("old");
        Directory.GetFiles(_folder.Path).Should().Equal(path);
    }

    [Fact]
    public void Until_the_writer_is_done_the_name_holds_the_old_content()
    {
        var path = _folder.PathTo("model.onnx");
        File.WriteAllText(path, "old");

        AtomicFile.Write(path, stream =>
        {
            stream.Write("new"u8);
            stream.Flush();
            File.ReadAllText(path).Should().Be("old");
        });

        File.ReadAllText(path).Should().Be("new");
        Directory.GetFiles(_folder.Path).Should().Equal(path);
    }

    [Fact]
    public void What_a_killed_writer_left_goes_with_the_next_write_and_nothing_else_does()
    {
        var path = _folder.PathTo("model[1]*.onnx");
        string[] others =
        [
            _folder.PathTo($".other.onnx.{Guid.NewGuid():N}.tmp"), _folder.PathTo(".model[1]*.onnx.mine.tmp"),
            _folder.PathTo(".model[1]*.onnx.tmp"),
        ];
        var abandoned = _folder.PathTo($".model[1]*.onnx.{Guid.NewGuid():N}.tmp");
        foreach (var file in others.Append(abandoned)) File.WriteAllText(file, "half");

        AtomicFile.Write(path, new byte[1]);

        Directory.GetFiles(_folder.Path).Should().BeEquivalentTo([path, .. others]);
    }

    [Fact]
    public void What_another_writer_has_open_stays()
    {
        var path = _folder.PathTo("model.onnx");
        File.WriteAllText(_folder.PathTo("source"), "copied");

        AtomicFile.Write(path, stream =>
        {
            stream.Write("first"u8);
            AtomicFile.Write(path, "second"u8.ToArray());
            AtomicFile.Copy(_folder.PathTo("source"), path);
            File.ReadAllText(path).Should().Be("copied");
        });

        File.ReadAllText(path).Should().Be("first", "it takes the name last");
        Directory.GetFiles(_folder.Path).Should().HaveCount(2);
    }

    [Fact]
    public void A_folder_that_is_not_there_is_an_input_output_error()
    {
        var write = () => AtomicFile.Write(Path.Combine(_folder.Path, "missing", "model.onnx"), new byte[1]);

        write.Should().Throw<IOException>();
    }

    [Fact]
    public void A_copy_that_fails_leaves_the_old_file()
    {
        var path = _folder.PathTo("weights.bin");
        File.WriteAllText(path, "old");

        var copy = () => AtomicFile.Copy(Path.Combine(_folder.Path, "missing.bin"), path);

        copy.Should().Throw<IOException>();
        File.ReadAllText(path).Should().Be("old");
    }
}
