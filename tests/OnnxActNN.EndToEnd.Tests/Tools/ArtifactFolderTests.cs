using FluentAssertions;
using Google.Protobuf;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Rewriter.Onnx.Proto;
using OnnxActNN.Testing;
using OnnxActNN.TestModels;
using OnnxActNN.Tools;
using Xunit;

namespace OnnxActNN.EndToEnd.Tests.Tools;

/// <summary>
/// Folders of artifacts are rewritten as a whole, and so that a folder of that name is complete or as it was.
/// </summary>
public sealed class ArtifactFolderTests : IDisposable
{
    private const string Checkpoint = "checkpoint";

    /// <summary>A model with constant weights in its file.</summary>
    private const string ModelName = "frozen-parts";
    private const string Weight = "conv0.weight";

    private readonly TempFolder _folder = new();

    [Fact]
    public void The_training_graph_is_rewritten_and_the_other_files_are_copied()
    {
        var (source, target) = (WriteArtifacts(), _folder.PathTo("packed"));

        ToolProcess.Run("rewrite", source, "-o", target).ExitCode.Should().Be(ExitCode.Done);

        Files(target).Should().Equal(Files(source));
        File.ReadAllText(Path.Combine(target, Checkpoint)).Should().Be("parameters");
        ModelReader.ReadFile(Path.Combine(target, TestModelFiles.Graph)).Graph.Nodes
            .Should().Contain(node => node.Operator == PackOperators.QuantizePack);
        Directory.GetDirectories(_folder.Path).Should().BeEquivalentTo([source, target], "nothing half done is left");
    }

    [Fact]
    public void A_folder_that_stands_there_is_replaced_only_by_force_and_as_a_whole()
    {
        var (source, target) = (WriteArtifacts(), _folder.PathTo("packed"));
        Directory.CreateDirectory(target);
        File.WriteAllText(Path.Combine(target, "old"), "");

        ToolProcess.Run("rewrite", source, "-o", target).ExitCode.Should().Be(ExitCode.InputOutput);
        Files(target).Should().Equal("old");

        ToolProcess.Run("rewrite", source, "-o", target, "--force").ExitCode.Should().Be(ExitCode.Done);
        Files(target).Should().Equal(Files(source));
    }

    [Fact]
    public void A_failure_leaves_everything_as_it_was()
    {
        var (source, target) = (WriteArtifacts(), _folder.PathTo("packed"));
        File.WriteAllText(Path.Combine(source, TestModelFiles.Graph), "no model");
        Directory.CreateDirectory(target);
        File.WriteAllText(Path.Combine(target, "old"), "");

        ToolProcess.Run("rewrite", source, "-o", target, "--force").ExitCode.Should().Be(ExitCode.InputOutput);

        Files(target).Should().Equal("old");
        Directory.GetDirectories(_folder.Path).Should().BeEquivalentTo([source, target]);
    }

    [Fact]
    public void A_folder_without_a_training_graph_is_an_input_error()
    {
        var empty = _folder.PathTo("empty");
        Directory.CreateDirectory(empty);
        var result = ToolProcess.Run("rewrite", empty, "-o", _folder.PathTo("packed"));
        result.ExitCode.Should().Be(ExitCode.InputOutput);
        result.Errors.Should().Contain("training_model.onnx");
    }

    [Fact]
    public void External_data_follows_a_file_to_another_folder()
    {
        var source = WriteArtifacts(withExternalData: true);
        var target = _folder.PathTo("elsewhere", "packed.onnx");

        ToolProcess.Run("rewrite", Path.Combine(source, TestModelFiles.Graph), "-o", target).ExitCode.Should()
            .Be(ExitCode.Done);

        HasItsWeights(target);
    }

    [Fact]
    public void External_data_follows_in_a_folder()
    {
        var (source, target) = (WriteArtifacts(withExternalData: true), _folder.PathTo("packed"));

        ToolProcess.Run("rewrite", source, "-o", target).ToString().Should().StartWith("exit code 0");

        Files(target).Should().Equal(Files(source));
        HasItsWeights(Path.Combine(target, TestModelFiles.Graph));
    }

    public void Dispose() => _folder.Dispose();

    private static IEnumerable<string?> Files(string folder) =>
        Directory.GetFiles(folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal);

    private static void HasItsWeights(string path)
    {
        var expected = TestModelCatalog.Find(ModelName).Build().Graph.Find(Weight)!.Initializer!;
        BytesOf(ModelReader.ReadFile(path).Graph.Find(Weight)!.Initializer!).Should()
            .NotBeEmpty().And.Equal(BytesOf(expected));
    }

    private static byte[] BytesOf(TensorData data)
    {
        var bytes = new byte[data.ByteCount!.Value];
        data.ReadBytes(0, bytes);
        return bytes;
    }

    private string WriteArtifacts(bool withExternalData = false)
    {
        var source = Path.GetDirectoryName(_folder.PathTo("artifacts", TestModelFiles.Graph))!;
        TestModelFiles.Write(TestModelCatalog.Find(ModelName), source, batch: 4);
        File.WriteAllText(Path.Combine(source, Checkpoint), "parameters");
        if (withExternalData) MoveWeightOut(source);
        return source;
    }

    private static void MoveWeightOut(string folder)
    {
        var path = Path.Combine(folder, TestModelFiles.Graph);
        var message = ModelProto.Parser.ParseFrom(File.ReadAllBytes(path));
        var tensor = message.Graph.Initializer.Single(tensor => tensor.Name == Weight);
        var bytes = BytesOf(ModelReader.ReadFile(path).Graph.Find(Weight)!.Initializer!);
        File.WriteAllBytes(Path.Combine(folder, "weights.bin"), bytes);
        tensor.ClearRawData();
        tensor.FloatData.Clear();
        tensor.DataLocation = TensorProto.Types.DataLocation.External;
        tensor.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = "weights.bin" });
        File.WriteAllBytes(path, message.ToByteArray());
    }
}
