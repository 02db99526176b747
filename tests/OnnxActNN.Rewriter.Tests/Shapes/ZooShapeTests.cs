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
            if (value.Declared is not { Shape: { } shape } declared || shape.Evaluate(types.Bindings) is not { } sizes) continue;
            compared++;
            var inferred = types.Of(value);
            if (inferred?.ElementType != declared.ElementType || types.SizesOf(value) is not { } found || !found.SequenceEqual(sizes))
                differences.Add($"{value} of {value.Producer}: inferred {inferred}, declared {declared}");
        }
        differences.Should().BeEmpty();
        compared.Should().BeGreaterThan(10);
    }

    /// <summary>Without the file's declarations, so that nothing comes from the fallback.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Inference_alone_finds_every_float_size(string name)
    {
        var model = ZooModels.Read(name);
        var declared = new Dictionary<Value, TensorType?>();
        foreach (var value in model.Graph.Values.Where(value => value.Producer is not null))
        {
            declared[value] = value.Declared;
            value.Declared = null;
        }
        var types = ShapeInference.Infer(model, ZooModels.ExampleSizes(name));
        var unknown = declared.Keys.Where(value => types.SizesOf(value) is null)
            .Select(value => $"{value} of {value.Producer}: {types.Of(value)}, declared {declared[value]}");
        unknown.Should().BeEmpty();
    }
}
