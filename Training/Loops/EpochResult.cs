namespace OnnxActNN.Training.Loops;

/// <summary>What one run did in one epoch.</summary>
/// <param name="Run">Name of the run.</param>
/// <param name="Epoch">Number of the epoch, from 1.</param>
/// <param name="Step">Optimizer steps so far.</param>
/// <param name="Loss">Mean loss of the epoch's training batches, each before its optimizer step.</param>
/// <param name="EvalLoss">Loss over the samples kept for evaluation; null where not evaluated.</param>
/// <param name="Accuracy">Share of them that are classified right; null where not known.</param>
/// <param name="SamplesPerSecond">Training speed, without evaluation.</param>
/// <param name="PeakBytes">
/// Largest bytes within a training step, with parameters, gradients and optimizer state.
/// </param>
internal sealed record EpochResult(
    string Run, int Epoch, long Step, double Loss, double? EvalLoss, double? Accuracy, double SamplesPerSecond,
    long PeakBytes);
