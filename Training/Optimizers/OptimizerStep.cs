namespace OnnxActNN.Training.Optimizers;

/// <summary>What is the same for all elements of one optimizer step.</summary>
/// <param name="Number">Number of the step, from 1.</param>
/// <param name="LearningRate">Learning rate.</param>
public readonly record struct OptimizerStep(long Number, float LearningRate);
