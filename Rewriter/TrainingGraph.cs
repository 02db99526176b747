using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Passes;
using OnnxActNN.Rewriter.Shapes;

namespace OnnxActNN.Rewriter;

/// <summary>A training graph with what is known of it: types, halves, saved tensors.</summary>
internal sealed class TrainingGraph
{
    private TrainingGraph(Model model, InferredTypes types, ForwardBackwardSplit split)
    {
        Model = model;
        Types = types;
        Split = split;
        OriginalNodes = model.Graph.Nodes.Count;
        Saved = SavedTensorAnalysis.Find(model.Graph, split, types.Of);
    }

    public Model Model { get; }

    public InferredTypes Types { get; }

    public ForwardBackwardSplit Split { get; }

    /// <summary>Nodes of the main graph when it was analysed.</summary>
    public int OriginalNodes { get; }

    public IReadOnlyList<SavedTensor> Saved { get; }

    /// <summary>Analyses the model as it is; for graphs that are looked at or measured.</summary>
    public static TrainingGraph Analyse(Model model, string? loss = null) =>
        new(model, ShapeInference.Infer(model), SplitFinder.Find(model.Graph, loss));

    /// <summary>Analyses the model after the passes that need no plan; for graphs that get rewritten.</summary>
    public static TrainingGraph Prepare(Model model, string? loss = null)
    {
        ReadReluOutput.Apply(model.Graph);
        return Analyse(model, loss);
    }
}
