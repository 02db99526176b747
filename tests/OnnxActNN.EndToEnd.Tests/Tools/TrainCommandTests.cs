using System.Buffers.Binary;
using System.Globalization;
using FluentAssertions;
using OnnxActNN.Testing;
using OnnxActNN.Tools;
using OnnxActNN.Training.Checkpoints;
using OnnxActNN.Training.Data;
using Xunit;

namespace OnnxActNN.EndToEnd.Tests.Tools;

/// <summary>The train command on small data sets of each format, and its answers to what it cannot use.</summary>
public sealed class TrainCommandTests : IDisposable
{
    private const int Classes = 10;
    private const int Side = 28;

    private readonly TempFolder _folder = new();

    [Fact]
    public void Images_are_learnt_beside_float32_and_the_table_is_written()
    {
        var artifacts = ZooGraph.Open("small", "lenet").Folder;
        var (data, csv, checkpoint) = (WriteImages(samples: 400), _folder.PathTo("run.csv"), _folder.PathTo("trained"));

        var output = Train(
            [artifacts, "--data", data, "--epochs", "3", "--batch-size", "16", "--compare", "--eval", "--csv", csv,
            "--save", checkpoint, "--threads", "1"]);

        output.Should().Contain("2 bits").And.Contain("float32").And.Contain($"Saved {checkpoint}");
        var rows = Rows(csv);
        rows.Select(row => row[0]).Should().Equal("2 bits", "float32", "2 bits", "float32", "2 bits", "float32");
        rows.Skip(4).Select(row => Number(row[5])).Should()
            .OnlyContain(accuracy => accuracy > 0.9, "the classes are easy to tell apart");
        CheckpointReader.ReadFile(checkpoint).OptimizerGroups[0].Step.Should()
            .Be(3 * (360 / 16), "a tenth of 400 is kept back");
    }

    [Fact]
    public void A_resumed_run_ends_where_an_uninterrupted_one_does()
    {
        var artifacts = ZooGraph.Open("small", "mlp").Folder;
        var (data, whole, second) =
            (WriteTable(samples: 60), _folder.PathTo("whole.csv"), _folder.PathTo("second.csv"));
        string[] common = [artifacts, "--data", data, "--batch-size", "8", "--bits", "32", "--threads", "1"];
        var (checkpoint, other) = (_folder.PathTo("checkpoint"), _folder.PathTo("other"));

        Train([.. common, "--epochs", "2", "--csv", whole, "--save", other]);
        Train([.. common, "--epochs", "1", "--save", checkpoint]);
        Train([.. common, "--epochs", "2", "--resume", checkpoint, "--csv", second, "--save", checkpoint]);

        Rows(second).Should().ContainSingle().Which.Take(4).Should().Equal(Rows(whole)[1].Take(4));
        CheckpointReader.ReadFile(checkpoint).Trained[0].AsFloats().ToArray()
            .Should().Equal(CheckpointReader.ReadFile(other).Trained[0].AsFloats().ToArray());
    }

    [Fact]
    public void Bits_are_planned_anew_between_epochs_and_training_goes_on()
    {
        var artifacts = ZooGraph.Open("small", "lenet").Folder;
        var (data, csv, checkpoint) = (WriteImages(samples: 400), _folder.PathTo("run.csv"), _folder.PathTo("trained"));

        var output = Train(
            [artifacts, "--data", data, "--epochs", "3", "--batch-size", "16", "--eval", "--csv", csv, "--save",
            checkpoint, "--threads", "1", "--replan-every", "2", "--average-bits", "2.5"]);

        output.Should().Contain("Plan for epoch 1: levels of").And.Contain("Predicted variance").And.Contain(
            "Plan for epoch 3: levels of");
        output.Should().NotContain("Plan for epoch 2");
        var losses = Rows(csv).Select(row => Number(row[3])).ToList();
        losses.Should().BeInDescendingOrder("parameters and moments go on from one plan to the next");
        Number(Rows(csv)[^1][5]).Should().BeGreaterThan(0.9);
        CheckpointReader.ReadFile(checkpoint).OptimizerGroups[0].Step.Should().Be(3 * (360 / 16));
    }

    [Fact]
    public void A_graph_with_running_statistics_takes_its_plan()
    {
        var artifacts = ZooGraph.Open("small", "resnet-tiny").Folder;

        var output = Train(
            [artifacts, "--data", WriteImages(samples: 40), "--epochs", "1", "--batch-size", "8", "--csv",
            _folder.PathTo("run.csv"), "--save",
            _folder.PathTo("trained"), "--threads", "1", "--replan-every", "1", "--average-bits", "2"]);

        output.Should().Contain("Plan for epoch 1: levels of");
    }

    [Fact]
    public void NumPy_files_are_learnt()
    {
        var artifacts = ZooGraph.Open("small", "mlp").Folder;
        var random = new Random(3);
        var labels = Enumerable.Range(0, 200).Select(_ => (long)random.Next(Classes)).ToArray();
        var samples = labels.SelectMany(label => Enumerable.Range(0, Side * Side)
            .Select(i => (i % Classes == label ? 1f : 0f) + 0.1f * random.NextSingle())).ToArray();
        WriteNpy("x.npy", "<f4", [200, Side * Side], samples.SelectMany(BitConverter.GetBytes));
        WriteNpy("y.npy", "<i8", [200], labels.SelectMany(BitConverter.GetBytes));
        WriteNpy(
            "x_test.npy", "<f4", [20, Side * Side], samples.Take(20 * Side * Side).SelectMany(BitConverter.GetBytes));
        WriteNpy("y_test.npy", "<i8", [20], labels.Take(20).SelectMany(BitConverter.GetBytes));
        var csv = _folder.PathTo("run.csv");

        Train(
        [
            artifacts, "--data", _folder.PathTo("npy"), "--epochs", "3", "--batch-size", "8", "--eval", "--csv", csv,
            "--save", _folder.PathTo("trained"),
        ]);

        var last = Rows(csv)[^1];
        last[2].Should().Be("75", "3 epochs of 200 samples, all of them trained on, in batches of 8");
        Number(last[5]).Should().BeGreaterThan(0.9);
    }

    [Fact]
    public void What_cannot_be_used_is_said()
    {
        var lenet = ZooGraph.Open("small", "lenet").Folder;
        Fail(ExitCode.InputOutput, [lenet, "--data", _folder.PathTo("nothing")]).Should().Contain("train.csv");
        Fail(ExitCode.Unsupported, [lenet, "--data", WriteTable(samples: 20, columns: 5)]).Should()
            .Contain("[5]").And.Contain("[1, 28, 28]");
        Fail(ExitCode.Usage, [lenet, "--data", WriteImages(samples: 20), "--batch-size", "500"]).Should()
            .Contain("500");
        Fail(ExitCode.Usage, [lenet, "--data", WriteImages(samples: 20), "--bits", "5"]).Should().Contain("'5'");
        Fail(ExitCode.Usage, [lenet, "--data", WriteImages(samples: 20), "--bits", "32", "--replan-every", "1"])
            .Should().Contain("--bits 32");
        Fail(ExitCode.Usage, [lenet, "--data", WriteImages(samples: 20), "--average-bits", "2"]).Should()
            .Contain("--replan-every");
        var bert = ZooGraph.Open("small", "bert-tiny").Folder;
        Fail(ExitCode.Unsupported, [bert, "--data", WriteImages(samples: 20)]).Should().Contain("attention_mask");
    }

    [Fact]
    public void NumPy_arrays_are_read()
    {
        var path = WriteNpy("x.npy", "<f4", [2, 3], new float[] { 1, 2, 3, 4, 5, 6 }.SelectMany(BitConverter.GetBytes));

        var array = NpyFile.Read(path);

        array.Sizes.Should().Equal(2, 3);
        array.Values.Should().Equal(1, 2, 3, 4, 5, 6);
        WriteNpy("x.npy", "<f4", [2, 3], new byte[sizeof(float)]);
        FluentActions.Invoking(() => NpyFile.Read(path)).Should().Throw<DataFormatException>()
            .WithMessage("*1 elements*[2, 3]*");
    }

    [Fact]
    public void A_truncated_image_file_is_refused()
    {
        var path = _folder.PathTo("train-images-idx3-ubyte");
        File.WriteAllBytes(path, [0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2, 255]);
        FluentActions.Invoking(() => IdxFile.Read(path)).Should().Throw<DataFormatException>()
            .WithMessage("*1 bytes*[1, 2, 2]*");
    }

    public void Dispose() => _folder.Dispose();

    private static string Train(string[] arguments)
    {
        TrainingRuntime.Require();
        var (output, error) = (new StringWriter(), new StringWriter());
        CommandLine.Run(["train", .. arguments], output, error).Should().Be(ExitCode.Done, error.ToString());
        return output.ToString();
    }

    private string Fail(int code, string[] arguments)
    {
        TrainingRuntime.Require();
        var error = new StringWriter();
        CommandLine.Run(["train", .. arguments, "--save", _folder.PathTo("none")], new StringWriter(), error).Should()
            .Be(code, error.ToString());
        return error.ToString();
    }

    /// <summary>Images with a bright square in a place of its own per class, in noise.</summary>
    private string WriteImages(int samples)
    {
        var random = new Random(1);
        var (images, labels) = (new byte[samples * Side * Side], new byte[samples]);
        random.NextBytes(images);
        for (var i = 0; i < images.Length; i++) images[i] /= 4;
        for (var sample = 0; sample < samples; sample++)
        {
            var label = labels[sample] = (byte)random.Next(Classes);
            for (var pixel = 0; pixel < 25; pixel++)
                images[(sample * Side + 4 + label / 5 * 12 + pixel / 5) * Side + 1 + label % 5 * 5 + pixel % 5] = 255;
        }
        Write("train-images-idx3-ubyte", [samples, Side, Side], images);
        Write("train-labels-idx1-ubyte", [samples], labels);
        return _folder.PathTo("idx");

        void Write(string name, int[] sizes, byte[] data)
        {
            var header = sizes.SelectMany(size => BitConverter.GetBytes(BinaryPrimitives.ReverseEndianness(size)));
            File.WriteAllBytes(_folder.PathTo("idx", name), [0, 0, 8, (byte)sizes.Length, .. header, .. data]);
        }
    }

    private string WriteNpy(string name, string type, int[] sizes, IEnumerable<byte> data)
    {
        var header = $"{{'descr': '{type}', 'fortran_order': False, 'shape': ({string.Join(", ", sizes)},), }}\n";
        var path = _folder.PathTo("npy", name);
        File.WriteAllBytes(path,
            [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. System.Text.Encoding.ASCII.GetBytes(header),
            .. data]);
        return path;
    }

    private string WriteTable(int samples, int columns = Side * Side)
    {
        var random = new Random(2);
        var lines = Enumerable.Range(0, samples).Select(_ => string.Join(
            ',', Enumerable.Range(0, columns).Select(
                _ => random.NextSingle().ToString(CultureInfo.InvariantCulture)).Append($"{random.Next(Classes)}")));
        var path = _folder.PathTo("samples.csv");
        File.WriteAllLines(path, lines);
        return path;
    }

    private static List<string[]> Rows(string csv) =>
        [.. File.ReadAllLines(csv).Skip(1).Select(line => line.Split(','))];

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
