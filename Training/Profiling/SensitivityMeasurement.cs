using OnnxActNN.Format;
using OnnxActNN.Format.Profiles;
using OnnxActNN.Rewriter;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Training.Gradients;
using OnnxActNN.Training.Measurement;

namespace OnnxActNN.Training.Profiling;

/// <summary>
/// Packs one saved tensor alone and draws the noise several times: what its code does to the gradients, variance and bias. All steps
/// are on the first batch, so that the noise is the code's and not the data's.
/// </summary>
internal sealed class SensitivityMeasurement(byte[] original, MeasureInputs inputs, ProfileRequest request)
{
    /// <summary>The measurements, of the tensors that a rewrite packs.</summary>
    public IEnumerable<MeasuredSensitivity> Of(IEnumerable<string> tensors)
    {
        using var feeds = inputs.Feeds(step: 0);
        using var reference = Open(ModelReader.Read(original));
        var exact = reference.Run(feeds.Values).Gradients;
        foreach (var tensor in tensors)
        {
            // Every width is allowed: what a nonlinear reader makes of few levels is to be seen, not avoided.
            var rewritten = TrainingGraphRewriter.Rewrite(original, request.Rewrite with
            {
                Include = [tensor],
                Runtime = TargetRuntime.Stock,
                AllowBiased = true,
            });
            if (rewritten.Pairs.Select(pair => pair.Plan.Format).OfType<PackFormat>().FirstOrDefault() is not { } format) continue;
            var noise = new GradientNoise(exact);
            using var source = Open(rewritten.Model);
            for (var draw = 0; draw < request.Draws; draw++) noise.Add(source.Run(feeds.Values).Gradients);
            yield return new MeasuredSensitivity(tensor, CodeWidths.Levels(format.Width), format.ZeroExact, request.Draws, noise.Variance, noise.SquaredBias);
        }
    }

    private GradientSource Open(Model model) =>
        new(model, inputs.Parameters, inputs.Signature.LossOutput, request.Session);
}
