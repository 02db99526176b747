using FluentAssertions;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Shapes;
using OnnxActNN.Testing;
using OnnxActNN.Training.Feeds;
using Xunit;

namespace OnnxActNN.EndToEnd.Tests.Training;

/// <summary>
/// Inputs drawn from a seed stay within what the graph allows; entry files that are none are refused.
/// </summary>
public sealed class FeedTests
{
    public static TheoryData<string, string> All() =>
    [
        .. ZooGraph.SmallNames.DefaultIfEmpty("lenet").Select(name => ("small", name)),
        .. ZooGraph.LargeNames.DefaultIfEmpty("resnet50").Select(name => ("large", name)),
    ];

    [Theory]
    [MemberData(nameof(All))]
    public void Ranges_of_labels_and_tokens_are_found_in_the_graph(string size, string name)
    {
        var zoo = ZooGraph.Open(size, name);
        var types = ShapeInference.Infer(zoo.Model);
        foreach (var input in zoo.Entry.Inputs.Where(input => input.Formula != "float"))
        {
            var range = IndexRange.Of(zoo.Model.Graph.Find(input.Name)!, types.ShapeOf);
            var expected = input.Formula == "mask" ? IndexRange.Flag : input.Modulus;
            range.Should().Be(expected, $"of input '{input.Name}'");
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Parameters_and_inputs_are_told_apart_without_an_entry(string size, string name)
    {
        var zoo = ZooGraph.Open(size, name);
        var alone = TrainingSignature.Read(zoo.Model.Graph);
        alone.Data.Should().Equal(zoo.Signature.Data);
        alone.Frozen.Should().Equal(zoo.Signature.Frozen);
        alone.LossOutput.Should().Be(zoo.Entry.LossOutput);
    }

    [Fact]
    public void Drawn_inputs_depend_on_seed_and_step_alone()
    {
        var zoo = ZooGraph.Open("small", "tied");
        long[] Labels(ulong seed, int step)
        {
            using var batch = new FeedBatch(
                zoo.Signature.Data, new DrawnFeeds(zoo.Model, seed), zoo.Entry.ExampleDimensions, step);
            return batch.Values["labels"].GetTensorDataAsSpan<long>().ToArray();
        }
        Labels(1, 0).Should().Equal(Labels(1, 0)).And.OnlyContain(label => label >= 0 && label < 120);
        Labels(1, 0).Should().NotEqual(Labels(1, 1)).And.NotEqual(Labels(2, 0));
    }

    [Fact]
    public void A_missing_dimension_is_named()
    {
        var zoo = ZooGraph.Open("small", "lenet");
        var making = () => new FeedBatch(zoo.Signature.Data, zoo.Entry, new Dictionary<string, long>(), step: 0);
        making.Should().Throw<OpenDimensionException>().WithMessage("*batch*");
    }

    /// <summary>
    /// As the labels of the zoo's swin_t, whose samples are a batch and whose labels are named after a node.
    /// </summary>
    [Fact]
    public void A_dimension_that_the_graph_calls_otherwise_is_the_entry_s()
    {
        var zoo = ZooGraph.Open("small", "lenet");
        var odd = new Shape(Dimension.Named("Pad_o0__d0"));
        GraphInput[] inputs =
            [.. zoo.Signature.Data.Select(input => input.Name == "labels" ? input with { Shape = odd } : input)];
        var sizes = new Dictionary<string, long> { ["batch"] = 5 };

        using var batch = new FeedBatch(inputs, zoo.Entry, sizes, step: 0);
        batch.Values["labels"].GetTensorTypeAndShape().Shape.Should().Equal(5);

        var drawing = () => new FeedBatch(inputs, new DrawnFeeds(zoo.Model, seed: 1), sizes, step: 0);
        drawing.Should().Throw<OpenDimensionException>()
            .WithMessage("input 'labels'*'Pad_o0__d0', as --dim NAME=8 does");
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"name": 3}""")]
    [InlineData("""{"name": "x", "loss_output": "l", "runs": true, "dropout": false, "inputs": [{"name": null}]}""")]
    public void A_file_that_is_no_entry_is_refused(string text)
    {
        var path = Path.GetTempFileName();
        File.WriteAllText(path, text);
        var reading = () => ZooEntry.ReadFile(path);
        reading.Should().Throw<EntryFormatException>();
        File.Delete(path);
    }
}
