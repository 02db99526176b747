using OnnxActNN.Rewriter.IR;
using OnnxActNN.TestModels.Building;
using OnnxActNN.TestModels.Models;

namespace OnnxActNN.TestModels;

/// <summary>Every test model by name. README.md says what each is for.</summary>
internal static class TestModelCatalog
{
    private static readonly ModelDefinition SmallMlp = Mlp.Define(784, 128, 64);
    private static readonly ModelDefinition NormalizedNet =
        ResidualNet.Define(hasBatchNorm: true, [8, 16, 32], blocks: 1);
    private static readonly ModelDefinition PlainNet = ResidualNet.Define(hasBatchNorm: false, [8, 16, 32], blocks: 1);
    private static readonly ModelDefinition GarmentNet =
        ResidualNet.Define(hasBatchNorm: false, [16, 32], blocks: 3, stemStride: 2);
    private static readonly ModelDefinition DeepNet = ResidualNet.Define(hasBatchNorm: false, [16, 32], blocks: 8);

    private static readonly Dictionary<string, Func<string, TestModel>> Models = new()
    {
        ["mlp"] = name => Training(name, SmallMlp),
        ["residual"] = name => Training(name, NormalizedNet),
        ["residual-plain"] = name => Training(name, PlainNet),
        ["pooled"] = name => Training(name, EdgeCases.Pooled),
        ["garments"] = name => Training(name, GarmentNet),
        ["relu-reads-input"] = name => Training(name, EdgeCases.Pooled, new OrtGradients { ReluReadsInput = true }),
        ["saved-tensor-is-output"] = name => Training(name, EdgeCases.SavedTensorIsOutput),
        ["frozen-parts"] = name => Training(name, EdgeCases.FrozenParts),
        ["shared-tensor"] = name => Training(name, EdgeCases.SharedTensor),
        ["written-activations"] = name => Training(name, WrittenActivations.Model),
        ["unknown-operator"] = name =>
            Define(name, TestRuntime.None, PlainNet, new OrtGradients { ReluGradient = Unknown }),
        ["step-mlp"] = name => Stock(name, SmallMlp),
        ["step-residual"] = name => Stock(name, PlainNet),
        ["step-frozen-parts"] = name => Stock(name, EdgeCases.FrozenParts),
        ["step-shared-tensor"] = name => Stock(name, EdgeCases.SharedTensor),
        ["step-deep"] = name => Stock(name, DeepNet),
    };

    private static OperatorId Unknown => new("example", "MysteryGrad");

    /// <summary>Every model, in the order of README.md.</summary>
    public static IEnumerable<TestModel> All => Models.Keys.Select(Find);

    /// <summary>The model of that name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static TestModel Find(string name)
    {
        if (Models.TryGetValue(name, out var define)) return define(name);
        throw new ArgumentException(
            $"There is no test model '{name}', but {string.Join(", ", Models.Keys)}.", nameof(name));
    }

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

    private static TestModel Stock(string name, ModelDefinition definition) =>
        Define(name, TestRuntime.Stock, definition, new StandardGradients());

    private static TestModel Define(string name, TestRuntime runtime, ModelDefinition definition, GradientStyle style)
    {
        var (model, loss) = definition(style);
        return new TestModel(name, runtime, model.Inputs, model.Parameters, loss.Name, hasBackward =>
        {
            var (fresh, freshLoss) = definition(style);
            return hasBackward ? fresh.Finish(freshLoss) : fresh.FinishForward(freshLoss);
        });
    }
}
