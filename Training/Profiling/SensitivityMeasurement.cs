using OnnxActNN.Format;
using OnnxActNN.Format.Profiles;
using OnnxActNN.Rewriter;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Rewriter.Planning;
using OnnxActNN.Rewriter.Plans;
using OnnxActNN.Training.Gradients;
using OnnxActNN.Training.Measurement;

namespace OnnxActNN.Training.Profiling;

/// <summary>
/// Packs one saved tensor alone and draws the noise several times: what its code does to the gradients, variance and
/// bias. All steps are on the first batch, so that the noise is the code's and not the data's.
/// </summary>
/// <remarks>
/// What a rewrite computes from the tensor is computed from it here too, and the other tensors that this takes have 8
/// bits, whose noise is less by four orders of magnitude. A graph that drops elements drops the same ones with and
/// without the code.
/// </remarks>
internal sealed class SensitivityMeasurement(byte[] original, MeasureInputs inputs, ProfileRequest request)
{
    /// <summary>The measurements, of the tensors that a rewrite packs.</summary>
    public IEnumerable<MeasuredSensitivity> Of(IEnumerable<string> tensors)
    {
        using var feeds = inputs.Feeds(step: 0);
        var rebuilt = FindRebuilt();
        foreach (var tensor in tensors)
        {
            var readers = rebuilt.Where(plan => plan.Restoration!.Sources.Any(source => source.Name == tensor))
                .ToList();
            var rewritten = TrainingGraphRewriter.Rewrite(original, OptionsFor(tensor, readers, rebuilt));
            if (rewritten.Pairs.FirstOrDefault(pair => pair.Plan.Tensor.Value.Name == tensor)?.Plan is not { } plan)
                continue;
            if (plan.Code is not { } format) continue;
            using var pair = new GradientPair(
                ModelReader.Read(original), rewritten.Model, inputs.Parameters, feeds, inputs.Signature.LossOutput,
                request.Session);
            var noise = new GradientNoise(pair.Exact);
            for (var draw = 0; draw < request.Draws; draw++) noise.Add(pair.Draw().Gradients);
            yield return new MeasuredSensitivity(
                tensor, CodeWidths.Levels(format.Width), format.ZeroExact, request.Draws, noise.Variance,
                noise.SquaredBias)
            {
                Grid = format.Grid,
                Rounding = format.Rounding,
                GroupSize = format.GroupSize,
                Metadata = format.Metadata,
                OfDerivative = plan.HasDerivativeAlone,
                Rebuilt = [.. readers.Select(plan => plan.Tensor.Value.Name)],
            };
        }
    }

    private List<TensorPlan> FindRebuilt()
    {
        var training = TrainingGraph.Prepare(ModelReader.Read(original), request.Rewrite);
        return [
            .. new StoragePolicy(request.Rewrite).Decide(training.Saved).Where(plan => plan.Restoration is not null)];
    }

    private RewriteOptions OptionsFor(string tensor, List<TensorPlan> readers, List<TensorPlan> rebuilt)
    {
        // Every width is allowed: what a nonlinear reader makes of few levels is to be seen, not avoided.
        var options = request.Rewrite with { Runtime = TargetRuntime.Stock, AllowBiased = true };
        if (readers.Count == 0) return options with { Include = [tensor] };
        var sources = readers.SelectMany(plan => plan.Restoration!.Sources).ToHashSet();
        // Also what the readers' sums are rebuilt from.
        var onTheWay = rebuilt.Where(plan => plan.Restoration!.Sources.All(sources.Contains));
        List<PlannedTensor> planned =
        [
            .. sources.Select(
                source => Coded(source.Name, source.Name == tensor ? request.Rewrite.Width : CodeWidth.EightBits)),
            .. onTheWay.Select(
                plan => new PlannedTensor { Name = plan.Tensor.Value.Name, Decision = StorageDecision.Rebuild }),
        ];
        return options with
        {
            Include = [.. planned.Select(planned => planned.Name)],
            Plan = BitPlan.Of(planned, ModelFingerprint.Of(ModelReader.Read(original))),
        };
    }

    private static PlannedTensor Coded(string name, CodeWidth width) =>
        new() { Name = name, Decision = StorageDecision.Quantize, Levels = CodeWidths.Levels(width) };
}
