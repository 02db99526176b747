using OnnxActNN.Rewriter.Diagnostics;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Shapes;
using Xunit;

namespace OnnxActNN.Rewriter.Tests.Shapes;

/// <summary>
/// Real graphs with random damage: inference answers or refuses with one of the library's own errors, nothing else.
/// </summary>
public sealed class DamagedGraphTests
{
    private const int Rounds = 400;
    private static readonly long[] OddNumbers =
        [0, 1, -1, 2, -2, 3, 7, 64, 1000, int.MaxValue, int.MinValue, long.MaxValue, long.MinValue];
    private static readonly string[] OddDimensions = ["0", "1", "5", "batch", "a*b + 1", "9223372036854775807"];

    [Theory]
    [InlineData("small/gpt2-tiny")]
    [InlineData("small/lstm-tiny")]
    [InlineData("small/inception-tiny-native")]
    [InlineData("small/unet-tiny-native")]
    [InlineData("small/groupnorm-tiny")]
    [InlineData("small/silu-gelu-cnn")]
    public void Damage_leads_to_an_answer_or_a_typed_error(string name)
    {
        for (var seed = 0; seed < Rounds / 4; seed++)
        {
            var model = ZooModels.Read(name);
            var random = new Random(seed);
            for (var round = 0; round < 4; round++)
            {
                Damage(model.Graph, random);
                try
                {
                    ShapeInference.Infer(model);
                }
                catch (OnnxActNNException)
                {
                    break;
                }
                catch (Exception error)
                {
                    Assert.Fail($"{name}, seed {seed}: {error}");
                }
            }
        }
    }

    private static void Damage(Graph graph, Random random)
    {
        var nodes = graph.Nodes.ToList();
        for (var change = 0; change < 3; change++)
        {
            var node = nodes[random.Next(nodes.Count)];
            switch (random.Next(5))
            {
                case 0:
                    node.Operator = ShapeRules.Table.Keys[random.Next(ShapeRules.Table.Count)];
                    break;
                case 1 when node.Inputs.Count > 0:
                    node.SetInput(
                        random.Next(node.Inputs.Count),
                        random.Next(4) == 0 ? null : graph.Values.ElementAt(random.Next(nodes.Count)));
                    break;
                case 2 when node.Attributes.Count > 0:
                    node.Attributes.Set(
                        node.Attributes.ElementAt(random.Next(node.Attributes.Count)).Name, OddAttribute(random));
                    break;
                case 3:
                    var input = graph.Inputs[random.Next(graph.Inputs.Count)];
                    input.Declared = new TensorType((DataType)random.Next(20), OddShape(random));
                    break;
                default:
                    if (node.Inputs.Count > 0)
                        node.SetInput(
                            random.Next(node.Inputs.Count),
                            graph.AddConstant("odd", DenseTensorData.Integers(OddList(random))));
                    break;
            }
        }
    }

    private static AttributeValue OddAttribute(Random random) => random.Next(4) switch
    {
        0 => new AttributeValue.Int(Pick(OddNumbers, random)),
        1 => new AttributeValue.Ints(OddList(random)),
        2 => new AttributeValue.Bytes("SAME_UPPER"),
        _ => new AttributeValue.Float(float.NaN),
    };

    private static long[] OddList(Random random) =>
        [.. Enumerable.Range(0, random.Next(6)).Select(_ => Pick(OddNumbers, random))];

    private static Shape? OddShape(Random random) => random.Next(5) == 0
        ? null
        : new Shape(
            Enumerable.Range(0, random.Next(6)).Select(_ => DimensionParser.Parse(Pick(OddDimensions, random))));

    private static T Pick<T>(T[] from, Random random) => from[random.Next(from.Length)];
}
