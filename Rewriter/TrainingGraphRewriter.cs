using OnnxActNN.Format;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.Diagnostics;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Lowering;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Rewriter.Passes;
using OnnxActNN.Rewriter.Planning;
using OnnxActNN.Rewriter.Plans;
using OnnxActNN.Rewriter.Shapes;

namespace OnnxActNN.Rewriter;

/// <summary>
/// Rewrites a training graph so that what it saves for the backward pass takes a few bits per element.
/// </summary>
public static class TrainingGraphRewriter
{
    private static readonly HashSet<OperatorId> ReadWhenPacked = [.. DirectReads.Operators, .. RebuildPolicy.Normalizations];

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
        LowerWhatIsNotReadDirectly(model, options);
        var training = TrainingGraph.Analyse(model, options.Loss);
        return SavedTensorReport.Of(training, Decide(training, options), options.Dimensions);
    }

    internal static RewriteResult Rewrite(Model model, RewriteOptions options)
    {
        RequireOriginal(model);
        if (options.Plan is { } plan) RequireSameModel(plan.Model, ModelFingerprint.Of(model), "plan");
        LowerWhatIsNotReadDirectly(model, options);
        var training = TrainingGraph.Prepare(model, options.Loss);
        var plans = Decide(training, options);
        var report = SavedTensorReport.Of(training, plans, options.Dimensions);
        var forward = model.Graph.Nodes.Where(node => !training.Split.IsBackward(node)).ToHashSet();
        var pairs = new InsertPackUnpack(model, training.Split, training.Types.Of, options.Seed).Apply(plans);
        forward.UnionWith(pairs.SelectMany(pair => pair.ForwardNodes));
        new InsertRebuilds(model.Graph, pairs).Apply(plans);
        if (options.SmallWorkingSet)
        {
            ReadPackedInNormalization.Apply(pairs);
            MaskInNormalization.Apply(pairs);
            if (!options.LosslessOnly) new SplitConvolutionGradient(model.Graph, training.Types.Of, options).Apply();
            if (options.Runtime == TargetRuntime.Training) NormalizeInPlace.Apply(model.Graph, forward, training.Types.Of);
            new AddInPlace(model.Graph, forward, training.Types.Of).Apply(inForward: options.Runtime == TargetRuntime.Training);
            if (options.Runtime == TargetRuntime.Training) SumInConvolution.Apply(model.Graph, forward);
        }
        if (pairs.Count > 0) model.OpsetImports[OperatorSchema.Domain] = OperatorSchema.Version;
        var isLowered = options.Runtime == TargetRuntime.Stock && LoweringPass.Apply(model, training.Split).Count > 0;
        if (options.OwnDimensionNames)
            NameOwnDimensions.Apply(model.Graph, forward, (isLowered ? ShapeInference.Infer(model) : training.Types).Of);
        return new RewriteResult(model, report, pairs);
    }

    /// <summary>
    /// For the stock runtime. Gradients that may be computed from packed bytes wait for the plan; what is left of them is
    /// lowered last.
    /// </summary>
    private static void LowerWhatIsNotReadDirectly(Model model, RewriteOptions options)
    {
        if (options.Runtime == TargetRuntime.Stock) GraphLowering.Lower(model, kept: ReadWhenPacked);
    }

    private static IReadOnlyList<TensorPlan> Decide(TrainingGraph training, RewriteOptions options) =>
        new RebuildPolicy(options).Decide(new FixedWidthPolicy(options).Decide(training.Saved));

    /// <exception cref="UnsupportedGraphException">The graph is rewritten or instrumented already.</exception>
    internal static void RequireOriginal(Model model)
    {
        if (model.Graph.Nodes.FirstOrDefault(node => PackOperators.IsOwn(node.Operator)) is { } own)
            throw new UnsupportedGraphException($"{own} shows that this graph is rewritten already; start from the original.");
    }

    /// <summary>A plan or profile says nothing of another graph.</summary>
    /// <exception cref="PlanFormatException">It is of another graph.</exception>
    internal static void RequireSameModel(string found, string fingerprint, string what)
    {
        if (found == fingerprint) return;
        throw new PlanFormatException(
            $"the {what} is of another graph ({found}, this one is {fingerprint}); make one of this graph with 'onnxactnn {what}'.");
    }
}
