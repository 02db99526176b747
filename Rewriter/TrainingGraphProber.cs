using OnnxActNN.Format;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Passes;
using OnnxActNN.Rewriter.Planning;
using OnnxActNN.Rewriter.Sensitivity;

namespace OnnxActNN.Rewriter;

/// <summary>
/// Puts probes into a training graph: inputs that turn on noise at those saved tensors whose noise goes on through the
/// backward pass.
/// </summary>
internal static class TrainingGraphProber
{
    /// <summary>Changes the model; where no tensor needs a probe, it stays as it is.</summary>
    /// <exception cref="Diagnostics.UnsupportedGraphException">
    /// The model is no training graph, or is rewritten already.
    /// </exception>
    public static IReadOnlyList<Probe> Insert(Model model, RewriteOptions options)
    {
        ModelChecks.RequireOriginal(model);
        var training = TrainingGraph.Prepare(model, options with { DerivativeCodes = false });
        var products = new ParameterProducts(training.Split);
        var policy = new StoragePolicy(options with { DerivativeCodes = false });
        var plans = policy.DecideAlone(training.Saved).Where(plan => plan.Decision == StorageDecision.Quantize
            && plan.Tensor.Type is { ElementType: DataType.Float }
            && plan.Reads.Any(read => read.Form == ReadForm.Values)
            && !products.AreAllReadersOf(plan.Tensor));
        var probes = new InsertProbes(model.Graph).Apply(plans.ToList());
        if (probes.Count > 0) model.OpsetImports[OperatorSchema.Domain] = OperatorSchema.Version;
        return probes;
    }
}
