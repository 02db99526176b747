using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Lowering;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Training.Runtime;

namespace OnnxActNN.EndToEnd.Tests.Lowering;

/// <summary>One operator with one set of attributes and inputs, as a model of a single node.</summary>
internal sealed class OperatorCase(OperatorId op, string name)
{
    private const long Opset = 15;
    private const long IrVersion = 8;

    private readonly List<CaseTensor?> _inputs = [];
    private readonly List<TensorType?> _outputs = [];
    private readonly AttributeList _attributes = new Node(op).Attributes;

    public string Operator => op.Type;

    public static OperatorCase OfMicrosoft(string type, string name = "") =>
        new(new OperatorId(OperatorId.Microsoft, type), name);

    public static OperatorCase OfOnnx(string type, string name = "") => new(OperatorId.Onnx(type), name);

    /// <summary>Appends inputs; null leaves one out.</summary>
    public OperatorCase With(params CaseTensor?[] inputs)
    {
        _inputs.AddRange(inputs);
        return this;
    }

    public OperatorCase With(string attribute, long value)
    {
        _attributes.Set(attribute, value);
        return this;
    }

    public OperatorCase With(string attribute, float value)
    {
        _attributes.Set(attribute, new AttributeValue.Float(value));
        return this;
    }

    public OperatorCase With(string attribute, string value)
    {
        _attributes.Set(attribute, value);
        return this;
    }

    public OperatorCase With(string attribute, long[] values)
    {
        _attributes.Set(attribute, new AttributeValue.Ints(values));
        return this;
    }

    /// <summary>Appends an output of known sizes.</summary>
    public OperatorCase To(params long[] sizes) => To(DataType.Float, sizes);

    public OperatorCase To(DataType type, long[] sizes)
    {
        _outputs.Add(new TensorType(type, Shape.Of(sizes)));
        return this;
    }

    /// <summary>Leaves an output out.</summary>
    public OperatorCase Without()
    {
        _outputs.Add(null);
        return this;
    }

    /// <summary>The outputs by the operator itself.</summary>
    public IReadOnlyList<double[]> RunOriginal() => Run(Build());

    /// <summary>The outputs by what it is lowered to.</summary>
    public IReadOnlyList<double[]> RunLowered()
    {
        var model = Build();
        LoweringPass.Apply(model, split: null);
        return Run(model);
    }

    public override string ToString() => name.Length == 0 ? op.Type : $"{op.Type}, {name}";

    private Model Build()
    {
        var graph = new Graph("case");
        var node = new Node(op, "case");
        foreach (var attribute in _attributes) node.Attributes.Set(attribute);
        for (var index = 0; index < _inputs.Count; index++)
            node.AddInputs(_inputs[index]?.AddTo(graph, $"input{index}"));
        for (var index = 0; index < _outputs.Count; index++)
        {
            var output = _outputs[index] is { } type ? graph.AddValue($"output{index}", type) : null;
            node.AddOutputs(output);
            if (output is not null) graph.AddOutput(output);
        }
        graph.Nodes.Add(node);
        return new Model(graph) { IrVersion = IrVersion, OpsetImports = { [""] = Opset, [OperatorId.Microsoft] = 1 } };
    }

    private IReadOnlyList<double[]> Run(Model model)
    {
        using var run = new GraphRun(ModelWriter.Write(model), new SessionSettings { Threads = 1 });
        var inputs = _inputs.Select((input, index) => (input, name: $"input{index}"))
            .Where(pair => pair.input is { IsConstant: false })
            .ToDictionary(pair => pair.name, pair => pair.input!.ToOrtValue());
        using var outputs = run.Run(inputs, run.OutputNames.ToList());
        foreach (var input in inputs.Values) input.Dispose();
        return [.. outputs.Select(Elements)];
    }

    private static double[] Elements(OrtValue value) =>
        value.GetTensorTypeAndShape().ElementDataType == TensorElementType.Int64
            ? Array.ConvertAll(value.GetTensorDataAsSpan<long>().ToArray(), x => (double)x)
            : Array.ConvertAll(value.GetTensorDataAsSpan<float>().ToArray(), x => (double)x);
}
