namespace OnnxActNN.Format;

/// <summary>What the random numbers of one packed tensor are drawn from, together with the element's index.</summary>
/// <param name="Seed">Attribute <c>seed</c>, one for the graph.</param>
/// <param name="TensorId">Attribute <c>tensor_id</c>, one for each packed tensor of the graph.</param>
/// <param name="Run">The kernel's run counter: first_run, and one more each time it runs.</param>
public readonly record struct PackKey(long Seed, long TensorId, long Run);
