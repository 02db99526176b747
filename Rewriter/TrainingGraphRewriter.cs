using OnnxActNN.Format;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.Diagnostics;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Lowering;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Rewriter.Passes;
using OnnxActNN.Rewriter.Planning;
using OnnxActNN.Rewriter.Shapes;

namespace OnnxActNN.Rewriter;

/// <summary>
/// Rewrites a training graph so that what it saves for the backward pass takes a few bits per element.
/// </summary>
public static class TrainingGraphRewriter
{
    /// <summary>Rewrites a model in memory, as for a training session that is opened from bytes.</summary>
    /// <param name="model">Content of an .onnx file with a forward and a backward pass.</param>
    /// <param name="options">What to do; null takes the defaults.</param>
    /// <exception cref="OnnxFormatException">The bytes are no valid ONNX model.</exception>
    /// <exception cref="UnsupportedGraphException">The model is no training graph, or is rewritten already.</exception>
    /// <exception cref="LoweringException">
    /// It is to run on the stock runtime and has operators that cannot be lowered.
    /// </exception>
    public static RewriteResult Rewrite(ReadOnlyMemory<byte> model, RewriteOptions? options = null) =>
        Rewrite(ModelReader.Read(model), options ?? new RewriteOptions());

    /// <summary>Rewrites a file. Tensor data beside it is found there and follows the result.</summary>
    /// <inheritdoc cref="Rewrite(ReadOnlyMemory{byte}, RewriteOptions?)"/>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static RewriteResult RewriteFile(string path, RewriteOptions? options = null) =>
        Rewrite(ModelReader.ReadFile(path), options ?? new RewriteOptions());

    /// <summary>What the graph in a file saves, and what a rewrite would do with it.</summary>
    /// <inheritdoc cref="RewriteFile"/>
    public static SavedTensorReport InspectFile(string path, RewriteOptions? options = null) =>
        Inspect(ModelReader.ReadFile(path), options ?? new RewriteOptions());

    internal static SavedTensorReport Inspect(Model model, RewriteOptions options)
    {
        // What is cut into slices is known when all else is done.
        if (options.BatchSlices > 1) return Rewrite(model, options).Report;
        LowerWhatIsNotReadDirectly(model, options);
        var training = TrainingGraph.AnalyseSimplified(model, options);
        return SavedTensorReport.Of(training, new StoragePolicy(options).Decide(training.Saved), options.Dimensions);
    }

    /// <summary>Rewrites a model, which is used up.</summary>
    /// <param name="model">The graph.</param>
    /// <param name="options">What to do.</param>
    /// <param name="fingerprint">
    /// That of the graph as it was planned, where the caller has changed it since; null for the graph's own.
    /// </param>
    internal static RewriteResult Rewrite(Model model, RewriteOptions options, string? fingerprint = null)
    {
        ModelChecks.RequireOriginal(model);
        if (options.Plan is { } plan)
            ModelChecks.RequireSameModel(plan.Model, fingerprint ?? ModelFingerprint.Of(model), "plan");
        LowerWhatIsNotReadDirectly(model, options);
        var training = TrainingGraph.Prepare(model, options);
        var plans = new StoragePolicy(options).Decide(training.Saved);
        var report = SavedTensorReport.Of(training, plans, options.Dimensions);
        var forward = new GraphItemSet<Node>(model.Graph.Nodes.Where(node => !training.Split.IsBackward(node)));
        // One order for all; what packs and rebuilt tensors add runs right before its reader.
        var executed = ExecutionOrder.PositionsOf(model.Graph);
        if (EndForwardFirst.Apply(model.Graph, plans, executed)) executed = ExecutionOrder.PositionsOf(model.Graph);
        var split = options is { SmallWorkingSet: true, LosslessOnly: false }
            ? new SplitConvolutionGradient(model.Graph, training.Types.Of, executed)
            : null;
        var pairs = new InsertPackUnpack(
            model, training.Split, training.Types.Of, training.Saved, executed, options).Apply(plans);
        if (training.JoinedActivations.Count > 0)
            WriteActivationGradient.Apply(model, training.Split, training.Types);
        forward.UnionWith(pairs.SelectMany(pair => pair.ForwardNodes));
        new InsertRebuilds(model.Graph, training.Types.Of, pairs, executed).Apply(plans);
        var unfused = options.SmallWorkingSet ? ShrinkWorkingSet(training, pairs, forward, split, options) : null;
        if (pairs.Count > 0) model.OpsetImports[OperatorSchema.Domain] = OperatorSchema.Version;
        if (options is
            { BatchSlices: > 1, SmallWorkingSet: true, LosslessOnly: false, Runtime: TargetRuntime.Training })
            report = report.WithSlices(
                plans, new SliceWeightGradients(model, pairs, options).Apply(), options.BatchSlices);
        var isLowered = options.Runtime == TargetRuntime.Stock && LoweringPass.Apply(model, training.Split).Count > 0;
        if (options.OwnDimensionNames)
            NameOwnDimensions.Apply(
                model.Graph, forward, (isLowered ? ShapeInference.Infer(model) : training.Types).Of, unfused);
        return new RewriteResult(model, report, pairs);
    }

    /// <summary>Lets fewer and smaller tensors be alive at once while the backward pass runs.</summary>
    /// <returns>
    /// The values around batch normalizations whose dimensions can be renamed; null on the stock runtime, where
    /// lowering is still to change the graph.
    /// </returns>
    private static GraphItemSet<Value>? ShrinkWorkingSet(
        TrainingGraph training, IReadOnlyList<PackedPair> pairs, GraphItemSet<Node> forward,
        SplitConvolutionGradient? split, RewriteOptions options)
    {
        var (graph, types) = (training.Model.Graph, training.Types);
        new ReadPackedInNormalization(graph).Apply(pairs);
        ReadPackedInSoftmax.Apply(graph, training.RowSums, pairs);
        MaskInNormalization.Apply(pairs);
        split?.Apply();
        GraphItemSet<Value>? unfused = null;
        if (options.Runtime == TargetRuntime.Training)
        {
            NormalizeInPlace.Apply(graph, forward, types.Of);
            unfused = NormalizationValues.Find(graph, forward);
        }
        var order = new AddInPlace(graph, forward, types.Of, keepsOrder: options.LosslessOnly).Apply(unfused);
        new AddEarly(graph, forward, types.Of).Apply(order);
        new AddPartOfSplit(graph, forward, types.Of).Apply();
        return unfused;
    }

    /// <summary>
    /// For the stock runtime. Gradients that may be computed from packed bytes wait for the plan; what is left of them
    /// is lowered last.
    /// </summary>
    private static void LowerWhatIsNotReadDirectly(Model model, RewriteOptions options)
    {
        if (options.Runtime == TargetRuntime.Stock) GraphLowering.Lower(model, kept: StoragePolicy.ReadWhenPacked);
    }
}
