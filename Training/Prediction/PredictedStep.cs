namespace OnnxActNN.Training.Prediction;

/// <summary>A node in the order in which ONNX Runtime will run it.</summary>
internal sealed record PredictedStep(string Node, string Operator);
