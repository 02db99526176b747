using OnnxActNN.Format;
using OnnxActNN.Rewriter.Diagnostics;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Lowering;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Rewriter.Passes;
using OnnxActNN.Rewriter.Planning;

namespace OnnxActNN.Rewriter;

/// <summary>
/// Puts ActProfile nodes into a training graph, which measure what it saves and its gradients and change neither.
/// </summary>
public static class TrainingGraphInstrumenter
{
    /// <summary>Instruments a model in memory.</summary>
    /// <param name="model">Content of an .onnx file with a forward and a backward pass.</param>
    /// <param name="options">What to measure; null takes the defaults.</param>
    /// <exception cref="OnnxFormatException">The bytes are no valid ONNX model.</exception>
    /// <exception cref="UnsupportedGraphException">The model is no training graph, or is rewritten already.</exception>
    /// <exception cref="LoweringException">
    /// It is to run on the stock runtime and has operators that cannot be lowered.
    /// </exception>
    public static InstrumentResult Instrument(ReadOnlyMemory<byte> model, InstrumentOptions? options = null) =>
        Instrument(ModelReader.Read(model), options ?? new InstrumentOptions());

    /// <summary>Instruments a file.</summary>
    /// <inheritdoc cref="Instrument(ReadOnlyMemory{byte}, InstrumentOptions?)"/>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static InstrumentResult InstrumentFile(string path, InstrumentOptions? options = null) =>
        Instrument(ModelReader.ReadFile(path), options ?? new InstrumentOptions());

    internal static InstrumentResult Instrument(Model model, InstrumentOptions options)
    {
        ModelChecks.RequireOriginal(model);
        var fingerprint = ModelFingerprint.Of(model);
        // As built: what is measured is to be the original's gradients, bit by bit.
        var training = TrainingGraph.Prepare(
            model, options.Rewrite with { ProbabilityCodes = false, DerivativeCodes = false });
        // Tensors that would be rebuilt too: a plan may give them codes.
        // The values' ranges are measured also where codes of a derivative are stored: those have a range that is
        // known.
        var policy = new StoragePolicy(options.Rewrite with { DerivativeCodes = false });
        var plans = policy.DecideAlone(training.Saved).Where(plan => plan.Decision == StorageDecision.Quantize)
            .ToList();
        var pass = new InstrumentTrainingGraph(training, options, fingerprint);
        var gradients = pass.MeasureGradients();
        pass.MeasureActivations(plans);
        model.OpsetImports[OperatorSchema.Domain] = OperatorSchema.Version;
        // Last, so that the nodes measure what the original graph calls by these names.
        if (options.Rewrite.Runtime == TargetRuntime.Stock) GraphLowering.Lower(model);
        return new InstrumentResult(model, fingerprint, plans.Count, gradients);
    }
}
