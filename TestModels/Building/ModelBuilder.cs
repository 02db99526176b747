using System.Globalization;
using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.TestModels.Building;

/// <summary>
/// Builds a training graph: inputs first, then layers (<see cref="Tensor"/>), then <see cref="Finish"/>, which appends
/// the backward pass in the chosen style.
/// </summary>
internal sealed class ModelBuilder
{
    private readonly GradientStyle _style;
    private readonly long _seed;
    private readonly List<TestInput> _inputs = [];
    private readonly List<TestParameter> _parameters = [];
    private readonly List<Value> _results = [];
    private int _unnamed;

    /// <param name="name">Name of the graph.</param>
    /// <param name="style">How gradients are written.</param>
    /// <param name="seed">What parameters are drawn from.</param>
    public ModelBuilder(string name, GradientStyle style, long seed = 1)
    {
        Graph = new Graph(name);
        _style = style;
        _seed = seed;
    }

    public Graph Graph { get; }

    /// <summary>The caller's inputs so far.</summary>
    public IReadOnlyList<TestInput> Inputs => _inputs;

    /// <summary>The trained parameters so far.</summary>
    public IReadOnlyList<TestParameter> Parameters => _parameters;

    /// <summary>float32 [batch, sizes...].</summary>
    public static TensorType Batched(params IEnumerable<Dimension> sizes) =>
        new(DataType.Float, new Shape([Dimension.Named(TestModel.BatchDimension), .. sizes]));

    /// <summary>float32 of fixed sizes.</summary>
    public static TensorType Fixed(params IEnumerable<long> sizes) => new(DataType.Float, Shape.Of(sizes));

    /// <summary>An input of real numbers, [batch, sizes...].</summary>
    public Tensor Data(string name, params long[] sizes) =>
        new(this, AddInput(new TestInput(name, Batched(sizes.Select(Dimension.Of)), _inputs.Count, 0)));

    /// <summary>An input of class labels, int64 [batch].</summary>
    public Value Labels(string name, long classes)
    {
        var type = new TensorType(DataType.Int64, new Shape(Dimension.Named(TestModel.BatchDimension)));
        return AddInput(new TestInput(name, type, _inputs.Count, classes));
    }

    /// <summary>A trained parameter, an input of the graph; a frozen one is a constant.</summary>
    public Value Parameter(string name, long[] sizes, float[] values, bool isFrozen = false)
    {
        if (isFrozen) return Graph.AddConstant(name, DenseTensorData.Floats(sizes, values));
        var value = Graph.AddValue(name, Fixed(sizes));
        Graph.AddInput(value);
        _parameters.Add(new TestParameter(name, sizes, values));
        return value;
    }

    /// <summary>A weight drawn from the model's seed.</summary>
    public Value Weight(string name, long[] sizes, double gain, bool isFrozen) =>
        Parameter(name, sizes, ParameterValues.Normal(_seed, name, sizes, gain), isFrozen);

    /// <summary>A constant of no axes; the same one for the same number.</summary>
    public Value Number(float number)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"number_{number}");
        return Graph.FindOwn(name) ?? Graph.AddConstant(name, DenseTensorData.Scalar(number));
    }

    /// <summary>Makes a value an output behind the loss.</summary>
    public void Return(Tensor tensor) => _results.Add(tensor.Value);

    /// <summary>Whether a parameter of that name is trained.</summary>
    public bool IsTrained(Value value) => _parameters.Exists(parameter => parameter.Name == value.Name);

    /// <summary>A name for a node that has no parameters to be called by, as exporters number them.</summary>
    public string NextName(string type) => $"/{type.ToLowerInvariant()}{_unnamed++}/{type}";

    /// <summary>Appends a node with one output, named after the node.</summary>
    public Value Apply(
        string type, string name, TensorType result, IEnumerable<Value?> inputs, params NodeAttribute[] attributes)
    {
        var output = Graph.AddFreshValue(name + "_output_0", result);
        Append(OperatorId.Onnx(type), name, inputs, [output], attributes);
        return output;
    }

    /// <summary>Appends a node.</summary>
    public Node Append(
        OperatorId op, string name, IEnumerable<Value?> inputs, IEnumerable<Value?> outputs,
        params NodeAttribute[] attributes)
    {
        var node = GraphEditor.Add(Graph, op, name, inputs, outputs);
        foreach (var attribute in attributes) node.Attributes.Set(attribute);
        return node;
    }

    /// <summary>Appends the backward pass of <paramref name="loss"/> and declares the graph's outputs.</summary>
    public Model Finish(Value loss)
    {
        AddOutputs(loss);
        _style.Write(this, loss);
        return ToModel();
    }

    /// <summary>Declares the graph's outputs and leaves the backward pass out.</summary>
    public Model FinishForward(Value loss)
    {
        AddOutputs(loss);
        return ToModel();
    }

    private void AddOutputs(Value loss)
    {
        foreach (var output in _results.Prepend(loss)) Graph.AddOutput(output);
    }

    private Model ToModel()
    {
        var imports = new Dictionary<string, long> { [""] = 15 };
        if (Graph.Nodes.Any(node => node.Operator.Domain == OperatorId.Microsoft)) imports[OperatorId.Microsoft] = 1;
        return new Model(Graph) { IrVersion = 8, OpsetImports = imports };
    }

    private Value AddInput(TestInput input)
    {
        var value = Graph.AddValue(input.Name, input.Type);
        Graph.AddInput(value);
        _inputs.Add(input);
        return value;
    }
}
