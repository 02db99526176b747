using OnnxActNN.CustomOps.Profiling;
using OnnxActNN.Format.Profiles;
using OnnxActNN.Rewriter;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Training.Gradients;
using OnnxActNN.Training.Measurement;

namespace OnnxActNN.Training.Profiling;

/// <summary>Instruments a training graph, runs it, and merges what its nodes measured into a profile.</summary>
internal static class ProfileRunner
{
    /// <summary>A profile of the graph at its parameters.</summary>
    /// <exception cref="Rewriter.Lowering.LoweringException">
    /// The graph has operators that cannot be lowered.
    /// </exception>
    public static ActivationProfile Run(MeasureInputs inputs, ProfileRequest request)
    {
        var original = ModelWriter.Write(inputs.Model);
        var profile = Instrumented(original, inputs, request);
        if (request.Probes > 0) profile = profile with { Probed = new ProbeRunner(original, inputs, request).Run() };
        if (request.Draws == 0) return profile;
        var activations =
            profile.Tensors.Where(tensor => tensor.Role == ProfileRole.Activation).Select(tensor => tensor.Name);
        return profile with { Measured = [.. new SensitivityMeasurement(original, inputs, request).Of(activations)] };
    }

    private static ActivationProfile Instrumented(byte[] original, MeasureInputs inputs, ProfileRequest request)
    {
        var name = Guid.NewGuid().ToString("N");
        var instrumented = TrainingGraphInstrumenter.Instrument(original, new InstrumentOptions
        {
            Rewrite = request.Rewrite with { Runtime = TargetRuntime.Stock },
            Sink = name,
            Every = request.Every,
        });
        var squares = new Dictionary<string, double>();
        using (var source = new GradientSource(
            instrumented.Model, inputs.Parameters, inputs.Signature.LossOutput, request.Session))
        {
            for (var step = 0; step < request.Steps; step++)
            {
                using var feeds = inputs.Feeds(step);
                foreach (var (parameter, gradient) in source.Run(feeds.Values).Gradients)
                    squares[parameter] =
                        squares.GetValueOrDefault(parameter) + gradient.Sum(x => (double)x * x) / request.Steps;
            }
        }
        var profile = ProfileSink.Of(name).Take();
        return profile with
        {
            Dimensions = inputs.Dimensions,
            Parameters = [.. inputs.Parameters.Parameters
                .Where(tensor => tensor.ElementType == Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Float)
                .Select(tensor => new ParameterProfile(
                    tensor.Name, tensor.AsFloats().Length, SquaresOf(tensor.AsFloats()),
                    squares.GetValueOrDefault(tensor.Name)))],
        };
    }

    private static double SquaresOf(ReadOnlySpan<float> values)
    {
        double sum = 0;
        foreach (var value in values) sum += (double)value * value;
        return sum;
    }
}
