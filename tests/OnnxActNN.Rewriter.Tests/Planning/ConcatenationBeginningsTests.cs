using System.Diagnostics;
using FluentAssertions;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Operators;
using OnnxActNN.Rewriter.Planning;
using Xunit;

namespace OnnxActNN.Rewriter.Tests.Planning;

public sealed class ConcatenationBeginningsTests(ITestOutputHelper output)
{
    private readonly Graph _graph = new("g");

    [Fact]
    public void A_tensor_is_read_from_the_longest_concatenation_that_begins_with_it()
    {
        var (a, b, c) = (New("a"), New("b"), New("c"));
        var ab = Concat("ab", a, b);
        var abc = Concat("abc", a, b, c);
        var ba = Concat("ba", b, a);

        var found = ConcatenationBeginnings.Find(new[] { a, b, c, ab, abc, ba }.Select(Packed));

        found.Keys.Should().Equal(a, b, ab);
        found[a].Source.Should().BeSameAs(abc);
        found[ab].Source.Should().BeSameAs(abc);
        found[b].Source.Should().BeSameAs(ba);
    }

    [Fact]
    public void A_concatenation_of_a_concatenation_begins_with_it()
    {
        var ab = Concat("ab", New("a"), New("b"));
        var nested = Concat("nested", ab, New("c"), New("d"));

        ConcatenationBeginnings.Find(new[] { ab, nested }.Select(Packed))[ab].Source.Should().BeSameAs(nested);
    }

    [Fact]
    public void Tensors_of_networks_without_concatenations_are_not_compared_with_each_other()
    {
        var packed = Enumerable.Range(0, 50_000).Select(number => Packed(New($"x{number}"))).ToList();
        var watch = Stopwatch.StartNew();

        ConcatenationBeginnings.Find(packed).Should().BeEmpty();

        output.WriteLine($"{watch.Elapsed.TotalMilliseconds:F0} ms");
        watch.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(4), "each with each takes four times that, or more");
    }

    private Value New(string name) => _graph.AddValue(name);

    private Value Concat(string name, params Value[] parts)
    {
        var result = New(name);
        var node = GraphEditor.Add(_graph, OperatorId.Onnx("Concat"), name, parts, [result]);
        node.Attributes.Set("axis", 1);
        return result;
    }

    private static TensorPlan Packed(Value value)
    {
        var reader = new SavedTensorConsumer(
            new Use(new Node(OperatorId.Onnx("Conv")), 0), Need.Linear, StorageClass.Q, IsKnown: true, null, null);
        var tensor = new SavedTensor(value, new TensorType(DataType.Float, Shape.Of(2, 4, 8)), [reader])
        {
            Buffer = value,
            DependsOnData = true,
            IsReluOutput = false,
            ForwardRead = value,
        };
        return new TensorPlan(tensor, [new ConsumerPlan(reader, Store.Exact(), ReadForm.Values)], "");
    }
}
