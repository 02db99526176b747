using Microsoft.ML.OnnxRuntime;
using OnnxActNN.Format.Profiles;
using OnnxActNN.Rewriter;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Rewriter.Passes;
using OnnxActNN.Training.Gradients;
using OnnxActNN.Training.Measurement;

namespace OnnxActNN.Training.Profiling;

/// <summary>
/// Turns on noise of known variance at one saved tensor after the other, within one session, and measures what it does
/// to the gradients.
/// </summary>
/// <remarks>
/// Noise of two strengths tells what grows as the noise's square from what grows as its fourth power, as where a
/// normalization makes a product of two errors. A graph that drops elements runs in two sessions step by step, which
/// drop the same ones, with noise and without.
/// </remarks>
internal sealed class ProbeRunner(byte[] original, MeasureInputs inputs, ProfileRequest request)
{
    /// <summary>In steps of a code of 256 levels: strong enough to stand out from float32's rounding.</summary>
    private const float Weak = 8;

    /// <summary>As strong as a code of 4 levels.</summary>
    private const float Strong = 85;

    /// <summary>Few draws differ by less than this factor by chance; a fourth power shows as more.</summary>
    private const double Chance = 2;

    /// <summary>
    /// The sensitivity of each tensor that has a probe; the draws are on the profile's batches in turn.
    /// </summary>
    public IReadOnlyList<ProbedSensitivity> Run()
    {
        var model = ModelReader.Read(original);
        var probes = TrainingGraphProber.Insert(model, request.Rewrite);
        if (probes.Count == 0) return [];
        var isRandom = RandomSeeds.Fix(model.Graph) > 0;
        var (weak, strong) = (new double[probes.Count], new double[probes.Count]);
        using var still = isRandom ? Open(ModelReader.Read(ModelWriter.Write(model))) : null;
        using var source = Open(model);
        for (var draw = 0; draw < request.Probes; draw++)
        {
            using var feeds = inputs.Feeds(draw % request.Steps);
            using var off = Scalar(0);
            using var low = Scalar(Weak);
            using var high = Scalar(Strong);
            var data = new Dictionary<string, OrtValue>(feeds.Values);
            foreach (var probe in probes) data[probe.Strength] = off;
            var exact = isRandom ? null : source.Run(data).Gradients;
            for (var index = 0; index < probes.Count; index++)
            {
                weak[index] += Distance(probes[index], low) / request.Probes;
                strong[index] += Distance(probes[index], high) / request.Probes;
            }

            double Distance(Probe probe, OrtValue strength)
            {
                var without = exact ?? still!.Run(data).Gradients;
                data[probe.Strength] = strength;
                var with = source.Run(data).Gradients;
                data[probe.Strength] = off;
                return SquaredDistance(with, without);
            }
        }
        return [.. probes.Select((probe, index) => Describe(probe, weak[index], strong[index]))];
    }

    /// <summary>
    /// Solves weak = v · Weak² + q · Weak⁴ and strong = v · Strong² + q · Strong⁴; where both agree on v without q, it
    /// is their mean.
    /// </summary>
    private ProbedSensitivity Describe(Probe probe, double weak, double strong)
    {
        const double weakSquare = Weak * Weak, strongSquare = Strong * Strong;
        var (low, high) = (weak / weakSquare, strong / strongSquare);
        var quartic = high > Chance * low ? (high - low) / (strongSquare - weakSquare) : 0;
        var variance = quartic > 0 ? Math.Max(0, low - quartic * weakSquare) : (low + high) / 2;
        return new ProbedSensitivity(probe.Tensor, probe.Format.ZeroExact, request.Probes, variance, quartic);
    }

    private GradientSource Open(Model model) =>
        new(model, inputs.Parameters, inputs.Signature.LossOutput, request.Session);

    private static double SquaredDistance(
        IReadOnlyDictionary<string, float[]> noisy, IReadOnlyDictionary<string, float[]> exact)
    {
        double sum = 0;
        foreach (var (name, gradient) in noisy)
        {
            var other = exact[name];
            for (var i = 0; i < gradient.Length; i++)
                sum += ((double)gradient[i] - other[i]) * ((double)gradient[i] - other[i]);
        }
        return sum;
    }

    private static OrtValue Scalar(float value) => OrtValue.CreateTensorValueFromMemory(new[] { value }, []);
}
