using OnnxActNN.Rewriter.IR;
using OnnxActNN.TestModels.Building;
using OnnxActNN.TestModels.Models;

namespace OnnxActNN.TestModels;

/// <summary>Every test model by name. README.md says what each is for.</summary>
internal static class TestModelCatalog
{
    private static readonly ModelDefinition SmallMlp = Mlp.Define(784, 128, 64);
    private static readonly ModelDefinition NormalizedNet = ResidualNet.Define(hasBatchNorm: true, [8, 16, 32], blocks: 1);
    private static readonly ModelDefinition PlainNet = ResidualNet.Define(hasBatchNorm: false, [8, 16, 32], blocks: 1);
    private static readonly ModelDefinition DeepNet = ResidualNet.Define(hasBatchNorm: false, [16, 32], blocks: 8);

    private static readonly Dictionary<string, Func<TestModel>> Models = new Func<TestModel>[]
    {
        () => Training("mlp", SmallMlp),
        () => Training("residual", NormalizedNet),
        () => Training("residual-plain", PlainNet),
        () => Training("pooled", EdgeCases.Pooled),
        () => Training("relu-reads-input", EdgeCases.Pooled, new OrtGradients { ReluReadsInput = true }),
        () => Training("saved-tensor-is-output", EdgeCases.SavedTensorIsOutput),
        () => Training("frozen-parts", EdgeCases.FrozenParts),
        () => Training("shared-tensor", EdgeCases.SharedTensor),
        () => Unrunnable("unknown-operator", PlainNet, new OrtGradients { ReluGradient = new OperatorId("example", "MysteryGrad") }),
        () => Stock("step-mlp", SmallMlp),
        () => Stock("step-residual", PlainNet),
        () => Stock("step-frozen-parts", EdgeCases.FrozenParts),
        () => Stock("step-shared-tensor", EdgeCases.SharedTensor),
        () => Stock("step-deep", DeepNet),
    }.ToDictionary(define => define().Name);

    /// <summary>Every model, in the order of README.md.</summary>
    public static IEnumerable<TestModel> All => Models.Values.Select(define => define());

    /// <summary>The model of that name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static TestModel Find(string name) => Models.TryGetValue(name, out var define)
        ? define()
        : throw new ArgumentException($"There is no test model '{name}'; there are {string.Join(", ", Models.Keys)}.", nameof(name));

    /// <summary>A residual training graph with batch normalization of at least so many nodes, for timing.</summary>
    public static Model LargeGraph(int nodes)
    {
        for (var blocks = nodes / 90; ; blocks += 1 + nodes / 1000)
        {
            var (model, loss) = ResidualNet.Define(hasBatchNorm: true, [8, 16, 32], blocks)(new OrtGradients());
            var graph = model.Finish(loss);
            if (graph.Graph.Nodes.Count >= nodes) return graph;
        }
    }

    private static TestModel Training(string name, ModelDefinition definition, OrtGradients? style = null) =>
        Define(name, TestRuntime.Training, definition, style ?? new OrtGradients());

    private static TestModel Unrunnable(string name, ModelDefinition definition, OrtGradients style) =>
        Define(name, TestRuntime.None, definition, style);

    private static TestModel Stock(string name, ModelDefinition definition) =>
        Define(name, TestRuntime.Stock, definition, new StandardGradients());

    private static TestModel Define(string name, TestRuntime runtime, ModelDefinition definition, GradientStyle style)
    {
        var (model, loss) = definition(style);
        return new TestModel(name, runtime, model.Inputs, model.Parameters, loss.Name, () =>
        {
            var (fresh, freshLoss) = definition(style);
            return fresh.Finish(freshLoss);
        });
    }
}
