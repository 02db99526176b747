using CsCheck;
using FluentAssertions;
using Microsoft.ML.OnnxRuntime.Tensors;
using OnnxActNN.Testing;
using OnnxActNN.Training.Checkpoints;
using OnnxActNN.Training.Runtime;
using Xunit;

namespace OnnxActNN.EndToEnd.Tests.Training;

/// <summary>Checkpoints are read, written, and understood by ONNX Runtime, and damage gives a typed error.</summary>
public sealed class CheckpointTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("onnxactnn-").FullName;

    [Theory]
    [InlineData("models", "external", "ort-mnist", "checkpoint.ckpt")]
    [InlineData("models", "external", "ort-custom-ops", "checkpoint")]
    [InlineData("models", "zoo", "small", "frozen-backbone-ckpt", "checkpoint")]
    public void Foreign_files_survive_reading_and_writing(params string[] parts)
    {
        var original = CheckpointReader.ReadFile(SharedFolder.PathTo(parts));
        original.Trained.Should().NotBeEmpty();
        CheckpointWriter.WriteFile(original, PathOf("copy"));
        ShouldEqual(CheckpointReader.ReadFile(PathOf("copy")), original);
    }

    [Fact]
    public void Every_field_survives_writing_and_reading()
    {
        var original = Sample();
        CheckpointWriter.WriteFile(original, PathOf("sample"));
        ShouldEqual(CheckpointReader.ReadFile(PathOf("sample")), original);
    }

    [Fact]
    public void Data_beside_the_file_survives()
    {
        var original = Sample();
        CheckpointWriter.WriteFile(original, PathOf("sample"), inlineLimit: 0);
        File.Exists(PathOf("sample.data")).Should().BeTrue();
        ShouldEqual(CheckpointReader.ReadFile(PathOf("sample")), original);
    }

    /// <summary>
    /// What a process that ends between the two files leaves: the old file, and the data file as it was last written.
    /// </summary>
    [Fact]
    public void Data_beside_the_file_holds_the_old_checkpoint_too_until_the_new_one_has_its_name()
    {
        var path = PathOf("sample");
        CheckpointWriter.WriteFile(Sample(), path, inlineLimit: 0);
        var once = new FileInfo(path + ".data").Length;
        for (var save = 1; save < 6; save++)
        {
            var old = (Bytes: File.ReadAllBytes(path), Checkpoint: CheckpointReader.ReadFile(path));
            var weight = CheckpointTensor.FromFloats("weight", [2, save], Enumerable.Repeat(0.5f, 2 * save).ToArray());
            var changed = Sample() with { Trained = [weight] };
            CheckpointDataFile.Write(path, [.. changed.Parameters, .. changed.OptimizerGroups[0].States[0].Momentums]);
            File.ReadAllBytes(path).Should().Equal(old.Bytes);
            ShouldEqual(CheckpointReader.ReadFile(path), old.Checkpoint);

            CheckpointWriter.WriteFile(changed, path, inlineLimit: 0);
            ShouldEqual(CheckpointReader.ReadFile(path), changed);
            new FileInfo(path + ".data").Length.Should().BeLessThanOrEqualTo(2 * once + 2 * 4096);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void OnnxRuntime_trains_from_a_written_file_as_from_its_own(bool external)
    {
        TrainingRuntime.Require();
        var zoo = ZooGraph.Open("small", "frozen-backbone-ckpt");
        // The second time, the data stands behind the first one's.
        for (var save = 0; save < 2; save++)
            CheckpointWriter.WriteFile(zoo.Parameters(), PathOf("checkpoint"), external ? 0 : long.MaxValue);
        Losses(zoo, PathOf("checkpoint")).Should().Equal(Losses(zoo, zoo.Artifacts.Checkpoint!));
    }

    [Fact]
    public void Optimizer_state_that_OnnxRuntime_saved_is_read_and_goes_on_training()
    {
        TrainingRuntime.Require();
        var zoo = ZooGraph.Open("small", "lenet");
        var (saved, rewritten) = (PathOf("saved"), PathOf("rewritten"));
        Losses(zoo, zoo.Artifacts.Checkpoint!, saveTo: saved);

        var state = CheckpointReader.ReadFile(saved);
        CheckpointWriter.WriteFile(state, rewritten);

        state.OptimizerGroups.Should().ContainSingle().Which.Step.Should().BeGreaterThan(1);
        state.OptimizerGroups[0].States.Should().HaveCount(zoo.Signature.Trained.Count).And
            .OnlyContain(parameter => parameter.Momentums.Count == 2);
        Losses(zoo, rewritten).Should().Equal(Losses(zoo, saved)).And.NotEqual(Losses(zoo, zoo.Artifacts.Checkpoint!));
    }

    [Fact]
    public void A_drawn_checkpoint_is_complete_and_depends_on_the_seed_alone()
    {
        var zoo = ZooGraph.Open("small", "frozen-backbone-ckpt");
        var drawn = ParameterInitializer.Initialize(zoo.Signature, seed: 7);
        var recorded = zoo.Parameters();
        drawn.Trained.Select(tensor => tensor.Name).Should()
            .BeEquivalentTo(recorded.Trained.Select(tensor => tensor.Name));
        drawn.Frozen.Select(tensor => tensor.Name).Should()
            .BeEquivalentTo(recorded.Frozen.Select(tensor => tensor.Name));
        ShouldEqual(ParameterInitializer.Initialize(zoo.Signature, seed: 7), drawn);
        ParameterInitializer.Initialize(zoo.Signature, seed: 8).Trained[0].Data.ToArray()
            .Should().NotEqual(drawn.Trained[0].Data.ToArray());
    }

    [Fact]
    public void Damaged_files_give_a_typed_error_or_are_read()
    {
        CheckpointWriter.WriteFile(Sample(), PathOf("sample"));
        var sound = File.ReadAllBytes(PathOf("sample"));
        var change = Gen.Select(Gen.Int[0, sound.Length - 1], Gen.Byte);
        var mutation = Gen.Select(change.Array[0, 8], Gen.Int[0, sound.Length]);
        mutation.Sample(
            (changes, length) =>
            {
                var bytes = sound.ToArray();
                foreach (var (at, value) in changes) bytes[at] = value;
                return IsReadOrRefused(bytes[..length]) && IsReadOrRefused(bytes);
            },
            iter: 20_000);
    }

    [Fact]
    public void Offsets_that_lead_to_the_same_place_over_and_over_are_refused()
    {
        // 300 groups that are one and the same, of 300 states that are, of 300 moments that are: 27 million tables in a
        // small file.
        const int Count = 300;
        var moments = Enumerable.Repeat(new CheckpointTensor("m", TensorElementType.Float, [0], default), Count)
            .ToList();
        var states = Enumerable.Repeat(new ParameterOptimizerState("p", []), Count).ToList();
        var groups = Enumerable.Repeat(new OptimizerGroup("g", 1, 0, []), Count).ToList();
        states[0] = new ParameterOptimizerState("p", moments);
        groups[0] = new OptimizerGroup("g", 1, 0, states);
        CheckpointWriter.WriteFile(Sample() with { OptimizerGroups = groups }, PathOf("sample"));
        var bytes = File.ReadAllBytes(PathOf("sample"));
        CheckpointReader.Read(bytes).OptimizerGroups.Should().HaveCount(Count);

        RepeatFirstOfEveryVector(bytes, Count);

        var reading = () => CheckpointReader.Read(bytes);
        reading.Should().Throw<CheckpointFormatException>().WithMessage("*again and again*");
    }

    [Fact]
    public void A_file_that_is_too_short_for_its_data_file_is_refused()
    {
        CheckpointWriter.WriteFile(Sample(), PathOf("sample"), inlineLimit: 0);
        using (var data = File.OpenWrite(PathOf("sample.data"))) data.SetLength(5);
        var reading = () => CheckpointReader.ReadFile(PathOf("sample"));
        reading.Should().Throw<CheckpointFormatException>().WithMessage("*ends beyond the data file*");
        File.Delete(PathOf("sample.data"));
        reading.Should().Throw<CheckpointFormatException>().WithMessage("*missing*");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static void RepeatFirstOfEveryVector(byte[] bytes, int count)
    {
        for (var at = 0; at + 4 * (count + 1) <= bytes.Length; at += 4)
        {
            if (BitConverter.ToInt32(bytes, at) != count) continue;
            var target = at + 4 + BitConverter.ToInt32(bytes, at + 4);
            for (var index = 0; index < count; index++)
                BitConverter.TryWriteBytes(bytes.AsSpan(at + 4 + 4 * index), target - (at + 4 + 4 * index));
        }
    }

    private static bool IsReadOrRefused(byte[] bytes)
    {
        try
        {
            CheckpointReader.Read(bytes);
            return true;
        }
        catch (CheckpointFormatException)
        {
            return true;
        }
    }

    private static List<float> Losses(ZooGraph zoo, string checkpoint, string? saveTo = null)
    {
        using var run = new TrainingRun(
            zoo.Artifacts with { Checkpoint = checkpoint }, new SessionSettings { Threads = 1 });
        var losses = new List<float>();
        for (var step = 0; step < 3; step++)
        {
            using var feeds = zoo.Feeds(step);
            losses.Add(run.Step(feeds.InOrder(run.InputNames)));
            run.OptimizerStep();
        }
        if (saveTo is not null) run.SaveCheckpoint(saveTo, withOptimizer: true);
        return losses;
    }

    private static Checkpoint Sample()
    {
        var weight = CheckpointTensor.FromFloats("weight", [2, 3], [1, -2, 3, -4, 5, float.NaN]) with
        {
            DocString = "a matrix",
        };
        var state = new ParameterOptimizerState(
            "weight", [CheckpointTensor.FromFloats("momentum0", [2, 3], [0, 1, 2, 3, 4, 5])]);
        return new Checkpoint
        {
            Trained = [weight, CheckpointTensor.FromFloats("scalar", [], [7])],
            Frozen = [new CheckpointTensor("ids", TensorElementType.Int64, [2], new byte[16])],
            OptimizerGroups = [new OptimizerGroup("group0", 5, 1e-3f, [state])],
            Properties = { Integers = { ["epoch"] = 3 }, Floats = { ["best"] = 0.5f }, Strings = { ["name"] = "ünï" } },
        };
    }

    private static void ShouldEqual(Checkpoint actual, Checkpoint expected) =>
        actual.Should().BeEquivalentTo(expected, options => options
        .Using<ReadOnlyMemory<byte>>(pair => pair.Subject.ToArray().Should().Equal(pair.Expectation.ToArray()))
        .WhenTypeIs<ReadOnlyMemory<byte>>());

    private string PathOf(string name) => Path.Combine(_folder, name);
}
