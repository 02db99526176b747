using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.TestModels;

/// <summary>
/// A small training graph made in C#: the same name always gives the same graph and the same numbers.
/// </summary>
internal sealed class TestModel
{
    /// <summary>The dimension that stands for the number of samples.</summary>
    public const string BatchDimension = "batch";

    private readonly Func<bool, Model> _build;

    /// <param name="name">Its name.</param>
    /// <param name="runtime">Where it runs.</param>
    /// <param name="inputs">What the caller feeds.</param>
    /// <param name="parameters">The trained parameters.</param>
    /// <param name="loss">Name of the loss.</param>
    /// <param name="build">Makes the graph, with the backward pass or without.</param>
    public TestModel(
        string name,
        TestRuntime runtime,
        IReadOnlyList<TestInput> inputs,
        IReadOnlyList<TestParameter> parameters,
        string loss,
        Func<bool, Model> build)
    {
        Name = name;
        Runtime = runtime;
        Inputs = inputs;
        Parameters = parameters;
        LossOutput = loss;
        _build = build;
    }

    /// <summary>Its name in the <see cref="TestModelCatalog"/>.</summary>
    public string Name { get; }

    public TestRuntime Runtime { get; }

    /// <summary>The inputs that the caller feeds at each step, in the graph's order.</summary>
    public IReadOnlyList<TestInput> Inputs { get; }

    /// <summary>The trained parameters, in the graph's order; frozen ones are constants in the graph.</summary>
    public IReadOnlyList<TestParameter> Parameters { get; }

    /// <summary>The output that is the loss, a float32 scalar: the mean over the batch.</summary>
    public string LossOutput { get; }

    /// <summary>A batch size at which tests run fast.</summary>
    public long ExampleBatch => 4;

    /// <summary>The output of a <see cref="TestRuntime.Stock"/> graph that is a parameter's gradient.</summary>
    public static string GradientOf(TestParameter parameter) => parameter.Name + "_grad";

    /// <summary>The graph, new at every call: the caller may change it.</summary>
    public Model Build() => _build(true);

    /// <summary>The forward pass and the loss alone. Batch normalization stays as it is in training.</summary>
    public Model BuildForward() => _build(false);

    public override string ToString() => Name;
}
