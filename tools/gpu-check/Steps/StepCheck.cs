using System.Diagnostics;
using Microsoft.ML.OnnxRuntime;
using OnnxActNN.CustomOps;

namespace OnnxActNN.GpuCheck.Steps;

/// <summary>Runs the training steps of models, plain and packed, and compares them.</summary>
internal sealed class StepCheck(StepRuntime runtime, StepProvider provider, StepRequest request)
{
    private const string Plain = "plain.onnx";
    private const string Packed = "packed.onnx";
    private const int WarmUps = 2;

    /// <summary>Measures the model of a folder.</summary>
    /// <exception cref="OnnxRuntimeException">ONNX Runtime refuses a graph, or a step fails.</exception>
    public StepResult Run(string folder)
    {
        var (plain, packed) = (Path.Combine(folder, Plain), Path.Combine(folder, Packed));
        // The first session on a device also pays for the libraries' own memory.
        var gradient = GradientOf(plain);
        var distance = Distance(GradientOf(packed), gradient);
        return new StepResult(
            Path.GetFileName(Path.TrimEndingDirectorySeparator(folder)), request.Batch, Measure(plain), Measure(packed),
            distance);
    }

    private IReadOnlyList<float[]> GradientOf(string graph)
    {
        using var session = new StepSession(runtime, provider, graph, request.Batch);
        return session.RunWithGradients().Gradients;
    }

    private StepMeasurement Measure(string graph)
    {
        var before = provider.FreeBytes;
        float loss;
        List<double> times = [];
        ArenaStatistics? arena;
        long? taken;
        using (var session = new StepSession(runtime, provider, graph, request.Batch))
        {
            loss = session.Run();
            for (var run = -WarmUps; run < request.Runs; run++)
            {
                var clock = Stopwatch.StartNew();
                session.Run();
                if (run >= 0) times.Add(clock.Elapsed.TotalMilliseconds);
            }
            taken = before - provider.FreeBytes;
            arena = session.Arena;
        }
        times.Sort();
        int? largest = request.MostBatch > 0
            ? BatchSearch.Run(request.Batch, request.MostBatch, batch => Fits(graph, batch))
            : null;
        return new StepMeasurement(loss, times[times.Count / 2], arena, taken, largest);
    }

    /// <summary>Whether a step can be run; a smaller batch could, so that what fails is memory.</summary>
    private bool Fits(string graph, int batch)
    {
        try
        {
            using var session = new StepSession(runtime, provider, graph, batch);
            return float.IsFinite(session.Run());
        }
        catch (Exception error) when (error is OnnxRuntimeException or OperatorException)
        {
            return false;
        }
    }

    private static double Distance(IReadOnlyList<float[]> gradient, IReadOnlyList<float[]> reference)
    {
        var (difference, norm) = (0.0, 0.0);
        foreach (var (own, other) in gradient.Zip(reference).SelectMany(pair => pair.First.Zip(pair.Second)))
        {
            difference += ((double)own - other) * ((double)own - other);
            norm += (double)other * other;
        }
        return Math.Sqrt(difference / norm);
    }
}
