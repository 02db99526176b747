using OnnxActNN.Rewriter;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Training.Gradients;
using OnnxActNN.Training.Measurement;
using OnnxActNN.Training.Runtime;

namespace OnnxActNN.Benchmarks.Planning;

/// <summary>What a rewrite costs the gradient, and what it keeps.</summary>
/// <param name="Relative">E‖ĝ − g‖² over ‖g‖² of the whole gradient.</param>
/// <param name="Kept">Bytes kept for the backward pass.</param>
internal sealed record GradientError(double Relative, long Kept)
{
    /// <summary>Draws that the expectation is taken over.</summary>
    private const int Draws = 48;

    /// <summary>Measures on the first batch, one thread.</summary>
    public static GradientError Of(MeasureInputs inputs, byte[] original, RewriteOptions options)
    {
        var rewritten = TrainingGraphRewriter.Rewrite(original, options with { Runtime = TargetRuntime.Stock });
        var file = rewritten.ToBytes();
        using var feeds = inputs.Feeds(step: 0);
        var graphs = new ComparedGraphs(
            () => ModelReader.Read(original), () => ModelReader.Read(file), inputs.Parameters, feeds,
            inputs.Signature.LossOutput, new SessionSettings { Threads = 1 });
        return new GradientError(
            Verification.Run(graphs, Draws).RelativeError, rewritten.Report.StoredBytes!.Value);
    }
}
