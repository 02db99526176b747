using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Passes;
using OnnxActNN.Rewriter.Shapes;

namespace OnnxActNN.Rewriter;

/// <summary>A training graph with what is known of it: types, halves, saved tensors.</summary>
internal sealed class TrainingGraph
{
    private TrainingGraph(
        Model model, InferredTypes types, ForwardBackwardSplit split, params IReadOnlyList<RowSum> rowSums)
    {
        RowSums = rowSums;
        Model = model;
        Types = types;
        Split = split;
        OriginalNodes = model.Graph.Nodes.Count;
        Saved = SavedTensorAnalysis.Find(model.Graph, split, types.Of, rowSums);
    }

    public Model Model { get; }

    public InferredTypes Types { get; }

    public ForwardBackwardSplit Split { get; }

    /// <summary>Nodes of the main graph when it was analysed.</summary>
    public int OriginalNodes { get; }

    public IReadOnlyList<SavedTensor> Saved { get; }

    /// <summary>Gradients of attention whose row sums come from its product.</summary>
    public IReadOnlyList<RowSum> RowSums { get; }

    /// <summary>Activations' gradients that were written out and are one node now.</summary>
    public IReadOnlyList<JoinedActivation> JoinedActivations { get; private init; } = [];

    /// <summary>Tensors whose sign or side of a bound is what the backward pass asks for.</summary>
    public IReadOnlyList<BoundComparison> BoundComparisons { get; private init; } = [];

    /// <summary>Analyses the model as it is; for graphs that are looked at or measured.</summary>
    public static TrainingGraph Analyse(Model model, string? loss = null) =>
        new(model, ShapeInference.Infer(model), SplitFinder.Find(model.Graph, loss));

    /// <summary>Analyses the model after the passes that need no plan; for graphs that get rewritten.</summary>
    public static TrainingGraph Prepare(Model model, RewriteOptions? options = null)
    {
        ReadReluOutput.Apply(model.Graph);
        return AnalyseSimplified(model, options ?? new RewriteOptions());
    }

    /// <summary>
    /// Analyses the model after gradients that are linear in what can be stored were written so; see
    /// <see cref="JoinActivationGradient"/> and <see cref="TakeRowSumFromProduct"/>.
    /// </summary>
    public static TrainingGraph AnalyseSimplified(Model model, RewriteOptions options)
    {
        var (types, split) = Look();
        var compared = CompareWithBound.Apply(model.Graph, split, types.Of, options.LosslessOnly);
        if (SkipPowerOfOne.Apply(model.Graph, split, types.Of) + compared.Count > 0)
            (types, split) = Look();
        IReadOnlyList<JoinedActivation> joined = options.DerivativeCodes && !options.LosslessOnly
            ? JoinActivationGradient.Apply(model.Graph, split, types.Of)
            : [];
        if (joined.Count > 0)
            (types, split) = Look();
        IReadOnlyList<RowSum> rowSums = options.ProbabilityCodes && !options.LosslessOnly
            ? TakeRowSumFromProduct.Apply(model.Graph, split, types.Of, options.Dimensions)
            : [];
        if (rowSums.Count > 0)
            (types, split) = Look();
        return new TrainingGraph(model, types, split, rowSums)
        {
            JoinedActivations = joined,
            BoundComparisons = compared,
        };

        (InferredTypes Types, ForwardBackwardSplit Split) Look() =>
            (ShapeInference.Infer(model), SplitFinder.Find(model.Graph, options.Loss));
    }
}
