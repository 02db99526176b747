using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Training.Prediction;

namespace OnnxActNN.Training.Batches;

/// <summary>What a step is thought to need, from the graph alone, as a first guess.</summary>
/// <param name="ConstantBytes">Of what is there whatever the batch: parameters, gradients, optimizer state.</param>
/// <param name="BytesPerSample">Of one more sample, at least 1.</param>
internal sealed record StepPrediction(long ConstantBytes, double BytesPerSample)
{
    private const long Small = 4;
    private const long Large = 8;

    /// <summary>Predicts two batches and takes the line through them.</summary>
    /// <param name="model">The training graph.</param>
    /// <param name="sizes">Sizes of the other named dimensions.</param>
    /// <param name="dimension">Name of the batch dimension.</param>
    public static StepPrediction Of(string model, IReadOnlyDictionary<string, long> sizes, string dimension)
    {
        var graph = ModelReader.ReadFile(model);
        var (small, large) = (At(Small), At(Large));
        var perSample = (large.PeakBytes - small.PeakBytes) / (double)(Large - Small);
        return new StepPrediction(small.ConstantBytes, Math.Max(1, perSample));

        MemoryPrediction At(long batch) =>
            MemoryPredictor.Predict(graph, new Dictionary<string, long>(sizes) { [dimension] = batch });
    }
}
