namespace OnnxActNN.Tools.Comparing;

/// <summary>How many nodes of an operator two graphs have.</summary>
internal sealed record OperatorCount(string Operator, int First, int Second);
