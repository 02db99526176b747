using FluentAssertions;
using Google.Protobuf;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Rewriter.Onnx.Proto;
using OnnxActNN.Testing;
using Xunit;
using static OnnxActNN.Rewriter.Tests.Onnx.Messages;

namespace OnnxActNN.Rewriter.Tests.Onnx;

/// <summary>Models whose tensors lie in files beside them.</summary>
public sealed class ExternalDataTests : IDisposable
{
    private const long Billion = 1L << 30;
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Data_follows_the_model_into_another_folder()
    {
        var model = ReadWith(External("w", [4], ("location", "data/w.bin"), ("offset", "16"), ("length", "16")));
        File.WriteAllBytes(_folder.PathTo("from", "data", "w.bin"), Numbers(8));

        ModelWriter.WriteFile(model, _folder.PathTo("to", "packed.onnx"));

        var moved = ModelReader.ReadFile(_folder.PathTo("to", "packed.onnx"));
        var bytes = new byte[16];
        moved.Graph.FindOwn("w")!.Initializer!.ReadBytes(0, bytes);
        bytes.Should().Equal(Numbers(8)[16..]);
    }

    [Theory]
    [InlineData("attribute")]
    [InlineData("inner graph")]
    [InlineData("function")]
    [InlineData("sparse initializer")]
    public void Data_of_tensors_in_any_place_follows(string place)
    {
        var tensor = External("w", [4], ("location", "w.bin"));
        var attribute = new AttributeProto
        {
            Name = "value",
            Type = AttributeProto.Types.AttributeType.Tensor,
            T = tensor,
        };
        var message = Relu();
        switch (place)
        {
            case "attribute":
                message.Graph.Node.Add(Node("Constant", [], ["c"], attribute));
                break;
            case "inner graph":
                var body = new GraphProto { Name = "body", Initializer = { tensor } };
                message.Graph.Node.Add(Node("Scan", ["y"], ["c"], Body("body", body)));
                break;
            case "function":
                message.Functions.Add(
                    new FunctionProto { Name = "F", Domain = "d", Node = { Node("Constant", [], ["c"], attribute) } });
                break;
            default:
                message.Graph.SparseInitializer.Add(new SparseTensorProto { Values = tensor, Dims = { 100 } });
                break;
        }
        var model = Save(message);
        File.WriteAllBytes(_folder.PathTo("from", "w.bin"), Numbers(4));

        ModelWriter.WriteFile(model, _folder.PathTo("to", "packed.onnx"));

        File.ReadAllBytes(_folder.PathTo("to", "w.bin")).Should().Equal(Numbers(4));
    }

    [Theory]
    [InlineData("../w.bin")]
    [InlineData("data/../../w.bin")]
    [InlineData("..\\w.bin")]
    [InlineData("/etc/hostname")]
    [InlineData("")]
    [InlineData("w\0.bin")]
    public void A_location_outside_the_folder_is_refused(string location)
    {
        File.WriteAllBytes(_folder.PathTo("w.bin"), Numbers(4));
        var model = ReadWith(External("w", [4], ("location", location)));

        var write = () => ModelWriter.WriteFile(model, _folder.PathTo("to", "packed.onnx"));
        var read = () => model.Graph.FindOwn("w")!.Initializer!.ReadBytes(0, new byte[16]);

        write.Should().Throw<OnnxFormatException>().WithMessage("*'w'*inside the model's folder*");
        read.Should().Throw<OnnxFormatException>();
        File.Exists(_folder.PathTo("to", "packed.onnx")).Should().BeFalse();
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        var model = ReadWith(External("w", [4], ("location", "gone.bin")));

        var write = () => ModelWriter.WriteFile(model, _folder.PathTo("to", "packed.onnx"));
        var read = () => model.Graph.FindOwn("w")!.Initializer!.ReadBytes(0, new byte[16]);

        write.Should().Throw<OnnxFormatException>().WithMessage("*'w'*gone.bin' is missing*");
        read.Should().Throw<OnnxFormatException>().WithMessage("*gone.bin' is missing*");
        File.Exists(_folder.PathTo("to", "packed.onnx")).Should().BeFalse();
    }

    [Theory]
    [InlineData("offset", "17")]
    [InlineData("offset", "9223372036854775807")]
    [InlineData("offset", "-1")]
    [InlineData("offset", "four")]
    [InlineData("length", "12")]
    public void Entries_that_do_not_fit_the_file_are_errors(string key, string value)
    {
        var model = ReadWith(External("w", [4], ("location", "w.bin"), (key, value)));
        File.WriteAllBytes(_folder.PathTo("from", "w.bin"), Numbers(8));

        var read = () => model.Graph.FindOwn("w")!.Initializer!.ReadBytes(0, new byte[4]);

        read.Should().Throw<OnnxFormatException>().WithMessage("*'w'*");
    }

    [Fact]
    public void Another_file_of_that_name_is_not_replaced_unless_told()
    {
        var model = ReadWith(External("w", [4], ("location", "w.bin")));
        File.WriteAllBytes(_folder.PathTo("from", "w.bin"), Numbers(4));
        File.WriteAllText(_folder.PathTo("to", "w.bin"), "of another model");
        var path = _folder.PathTo("to", "packed.onnx");

        var write = () => ModelWriter.WriteFile(model, path);

        write.Should().Throw<IOException>().WithMessage("*w.bin*");
        File.ReadAllText(_folder.PathTo("to", "w.bin")).Should().Be("of another model");
        ModelWriter.WriteFile(model, path, overwriteData: true);
        File.ReadAllBytes(_folder.PathTo("to", "w.bin")).Should().Equal(Numbers(4));
        ModelWriter.WriteFile(model, path);
    }

    [Fact]
    public void Data_of_3_GB_is_neither_loaded_nor_rewritten()
    {
        var model = ReadWith(External("w", [3 * Billion / 4], ("location", "w.bin")));
        using (var file = File.Create(_folder.PathTo("from", "w.bin")))
        {
            file.SetLength(3 * Billion);
            file.Position = 3 * Billion - 4;
            file.Write(BitConverter.GetBytes(1.5f));
        }
        var written = File.GetLastWriteTimeUtc(_folder.PathTo("from", "w.bin"));
        var before = GC.GetAllocatedBytesForCurrentThread();

        ModelWriter.WriteFile(model, _folder.PathTo("from", "packed.onnx"));
        var last = new byte[4];
        ModelReader.ReadFile(_folder.PathTo("from", "packed.onnx")).Graph.FindOwn("w")!.Initializer!.ReadBytes(
            3 * Billion - 4, last);

        BitConverter.ToSingle(last).Should().Be(1.5f);
        File.GetLastWriteTimeUtc(_folder.PathTo("from", "w.bin")).Should().Be(written);
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(10_000_000);
    }

    [Fact]
    public void A_model_file_over_2_GB_is_refused_unread()
    {
        var path = _folder.PathTo("large.onnx");
        using (var file = File.Create(path)) file.SetLength(3 * Billion);

        var read = () => ModelReader.ReadFile(path);

        read.Should().Throw<OnnxFormatException>().WithMessage("*external data*");
    }

    private static byte[] Numbers(int count)
    {
        var bytes = new byte[4 * count];
        for (var index = 0; index < bytes.Length; index++) bytes[index] = (byte)(index * 7);
        return bytes;
    }

    private Model ReadWith(TensorProto tensor)
    {
        var message = Relu();
        message.Graph.Initializer.Add(tensor);
        return Save(message);
    }

    private Model Save(ModelProto message)
    {
        var path = _folder.PathTo("from", "model.onnx");
        File.WriteAllBytes(path, message.ToByteArray());
        return ModelReader.ReadFile(path);
    }
}
