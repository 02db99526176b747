using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Passes;
using OnnxActNN.Rewriter.Shapes;

namespace OnnxActNN.Rewriter;

/// <summary>A training graph with what is known of it: types, halves, saved tensors.</summary>
internal sealed class TrainingGraph
{
    private TrainingGraph(Model model, InferredTypes types, ForwardBackwardSplit split, params IReadOnlyList<RowSum> rowSums)
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

    /// <summary>Analyses the model as it is; for graphs that are looked at or measured.</summary>
    public static TrainingGraph Analyse(Model model, string? loss = null) =>
        new(model, ShapeInference.Infer(model), SplitFinder.Find(model.Graph, loss));

    /// <summary>Analyses the model after the passes that need no plan; for graphs that get rewritten.</summary>
    public static TrainingGraph Prepare(Model model, RewriteOptions? options = null)
    {
        ReadReluOutput.Apply(model.Graph);
        return AnalyseWithRowSums(model, options ?? new RewriteOptions());
    }

    /// <summary>Analyses the model after attention's gradients were made linear in what is stored; see <see cref="TakeRowSumFromProduct"/>.</summary>
    public static TrainingGraph AnalyseWithRowSums(Model model, RewriteOptions options)
    {
        var (types, split) = (ShapeInference.Infer(model), SplitFinder.Find(model.Graph, options.Loss));
        IReadOnlyList<RowSum> rowSums = options.ProbabilityCodes && !options.LosslessOnly
            ? TakeRowSumFromProduct.Apply(model.Graph, split, types.Of)
            : [];
        return rowSums.Count == 0
            ? new TrainingGraph(model, types, split)
            : new TrainingGraph(model, ShapeInference.Infer(model), SplitFinder.Find(model.Graph, options.Loss), rowSums);
    }
}
