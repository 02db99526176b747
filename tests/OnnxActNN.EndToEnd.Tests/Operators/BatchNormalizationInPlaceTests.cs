using FluentAssertions;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using OnnxActNN.CustomOps;
using OnnxActNN.Format;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Testing;
using OnnxActNN.Training.Runtime;
using Xunit;

namespace OnnxActNN.EndToEnd.Tests.Operators;

/// <summary>Batch normalization in training against ONNX Runtime's own kernel: every bit of every result.</summary>
public sealed class BatchNormalizationInPlaceTests
{
    private const int Seed = 3;
    private static readonly OperatorId Original = new(OperatorId.Microsoft, "BatchNormInternal");
    private static readonly OperatorId InPlace =
        new(OperatorSchema.Domain, OperatorSchema.BatchNormalizationInPlace.Name);

    public static TheoryData<string, float, float> Cases
    {
        get
        {
            string[] shapes =
            [
                "10x64x56x56", "8x3x28x28", "2x8x7x7", "5x13x7x7", "3x6x49", "4x10x1x1", "7x5", "1x1x1x1", "2x3x2x1",
                "3x7x3x1", "2x5x1x5",
                "4x9x1x6", "3x4x1x7", "2x6x2x4", "3x5x3x3", "2x11x1x11", "1x2x3x4x5", "2x17x14x14", "1x4x112x112",
                "6x30x1x13", "1x6x15x17",
            ];
            var data = new TheoryData<string, float, float>();
            foreach (var shape in shapes)
            {
                data.Add(shape, 1e-5f, 0.9f);
                data.Add(shape, 1e-3f, 0.99f);
            }
            data.Add("4x8x7x7", 0f, 0.1f);
            data.Add("4x8x7x7", 1e-12f, 0.7f);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_bit_is_that_of_the_native_kernel(string shape, float epsilon, float momentum)
    {
        TrainingRuntime.Require();
        long[] sizes = [.. shape.Split('x').Select(long.Parse)];
        foreach (var kind in Enum.GetValues<Content>())
        {
            foreach (var returnsRunning in new[] { true, false })
            {
                var expected = Run(Build(Original, sizes, epsilon, momentum, returnsRunning), sizes, kind, threads: 1);
                foreach (var threads in new[] { 1, 2, 3 })
                {
                    var found = Run(Build(InPlace, sizes, epsilon, momentum, returnsRunning), sizes, kind, threads);
                    for (var output = 0; output < expected.Count; output++)
                        found[output].Should()
                            .Equal(expected[output], "output {0} of {1} values on {2} threads", output, kind, threads);
                }
            }
        }
    }

    /// <summary>
    /// The bits of all results and, behind them, of the running statistics that came in: they are written over, unless
    /// their successors are results of the graph.
    /// </summary>
    private static List<int[]> Run(byte[] model, long[] sizes, Content kind, int threads)
    {
        var settings = new SessionSettings { Threads = threads, Configure = options => options.RegisterOnnxActNN() };
        using var run = new GraphRun(model, settings);
        var random = new Random(Seed);
        using var x = Aligned(
            sizes, index => Draw(
                random, kind, index / sizes.Skip(2).Aggregate(1L, (product, size) => product * size) % sizes[1]));
        var inputs = new Dictionary<string, OrtValue> { ["x"] = x };
        foreach (var name in new[] { "scale", "bias", "mean", "variance" })
            inputs[name] = Aligned([sizes[1]], _ => (float)random.NextDouble() + (name == "bias" ? -0.5f : 0.1f));
        using var results = run.Run(inputs, run.OutputNames.ToList());
        var bits = results.Concat([inputs["mean"], inputs["variance"]]).Select(Bits).ToList();
        foreach (var input in inputs.Values) input.Dispose();
        return bits;
    }

    private static float Draw(Random random, Content kind, long channel) => kind switch
    {
        Content.Usual => (float)(3 * (random.NextDouble() - 0.3) + channel),
        Content.Outliers => (float)((random.NextDouble() - 0.5) * (random.Next(50) == 0 ? 1e6 : 1)),
        Content.FarFromZero => (float)(1000 + 0.01 * random.NextDouble()),
        Content.Tiny => (float)(1e-20 * random.NextDouble()),
        Content.NotANumber => random.Next(7) == 0 && channel % 3 == 1 ? float.NaN : (float)random.NextDouble(),
        _ => (float)(channel % 3 - 1),
    };

    /// <summary>In memory as ONNX Runtime's own: the kernel's order depends on the alignment.</summary>
    private static OrtValue Aligned(long[] sizes, Func<long, float> element)
    {
        var value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, TensorElementType.Float, sizes);
        var data = value.GetTensorMutableDataAsSpan<float>();
        for (var index = 0; index < data.Length; index++) data[index] = element(index);
        return value;
    }

    private static int[] Bits(OrtValue value) =>
        [.. value.GetTensorDataAsSpan<float>().ToArray()
            .Select(x => float.IsNaN(x) ? int.MinValue : BitConverter.SingleToInt32Bits(x))];

    private static byte[] Build(OperatorId op, long[] sizes, float epsilon, float momentum, bool returnsRunning)
    {
        var graph = new Graph("normalization");
        var node = new Node(op, "normalization");
        node.Attributes.Set("epsilon", new AttributeValue.Float(epsilon));
        node.Attributes.Set("momentum", new AttributeValue.Float(momentum));
        foreach (var name in new[] { "x", "scale", "bias", "mean", "variance" })
        {
            var input = graph.AddValue(
                name, new TensorType(DataType.Float, name == "x" ? Shape.Of(sizes) : Shape.Of(sizes[1])));
            graph.AddInput(input);
            node.AddInputs(input);
        }
        foreach (var name in OperatorSchema.BatchNormalizationInPlace.Outputs)
        {
            var output = graph.AddValue(
                name, new TensorType(DataType.Float, name == "Y" ? Shape.Of(sizes) : Shape.Of(sizes[1])));
            node.AddOutputs(output);
            if (returnsRunning || !name.StartsWith("running", StringComparison.Ordinal)) graph.AddOutput(output);
        }
        graph.Nodes.Add(node);
        return ModelWriter.Write(new Model(graph)
        {
            IrVersion = 8,
            OpsetImports = { [""] = 15, [OperatorId.Microsoft] = 1, [OperatorSchema.Domain] = OperatorSchema.Version },
        });
    }

    private enum Content
    {
        Usual,
        Outliers,
        FarFromZero,
        Tiny,
        Constant,
        NotANumber,
    }
}
