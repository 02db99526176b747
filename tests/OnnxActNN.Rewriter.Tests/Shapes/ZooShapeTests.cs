using FluentAssertions;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Shapes;
using Xunit;

namespace OnnxActNN.Rewriter.Tests.Shapes;

/// <summary>Inference on every real training graph, against what the exporter declared.</summary>
public sealed class ZooShapeTests
{
    public static TheoryData<string> Names => ZooModels.Names();

    [Theory]
    [MemberData(nameof(Names))]
    public void Inferred_sizes_agree_with_the_declared_ones(string name)
    {
        var model = ZooModels.Read(name);
        var types = ShapeInference.Infer(model, ZooModels.ExampleSizes(name));
        var differences = new List<string>();
        var compared = 0;
        foreach (var value in model.Graph.Values)
        {
            if (value.Declared is not { Shape: { } shape } declared || shape.Evaluate(types.Bindings) is not { } sizes)
                continue;
            compared++;
            var inferred = types.Of(value);
            var found = types.SizesOf(value) ?? [-1];
            if (inferred?.ElementType != declared.ElementType || !found.SequenceEqual(sizes))
                differences.Add($"{value} of {value.Producer}: inferred {inferred}, declared {declared}");
        }
        differences.Should().BeEmpty();
        compared.Should().BeGreaterThan(10);
    }

    /// <summary>
    /// Without the file's declarations, so that nothing comes from the fallback. Only AveragePoolGrad keeps its own: a
    /// gradient and a window do not tell the size of what was pooled.
    /// </summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Rules_alone_find_every_size_of_a_training_graph(string name) =>
        FindsEverySize(name, "training_model.onnx");

    /// <summary>
    /// The exporter left its shape arithmetic in these, which ONNX Runtime folded away in the training graphs.
    /// </summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Rules_alone_find_every_size_of_an_exported_graph(string name) =>
        FindsEverySize(name, "eval_model.onnx");

    private static void FindsEverySize(string name, string file)
    {
        var model = ZooModels.Read(name, file);
        var averagePoolGrad = OperatorId.Onnx("AveragePoolGrad");
        var computed = model.Graph.Values.Where(value => value.Producer is not null).ToList();
        foreach (var value in computed.Where(value => value.Producer!.Operator != averagePoolGrad))
            value.Declared = null;
        var types = ShapeInference.Infer(model, ZooModels.ExampleSizes(name));
        var unknown = computed
            .Where(value => types.SizesOf(value) is null || types.Of(value)!.ElementType == DataType.Undefined);
        unknown.Select(value => $"{value} of {value.Producer}: {types.Of(value)}").Should().BeEmpty();
    }
}
