namespace OnnxActNN.EndToEnd.Tests.Lowering;

/// <summary>A forward operator that is linear in one input, and the gradient operator of that input.</summary>
/// <param name="Name">What messages call it.</param>
/// <param name="Forward">The forward operator at a value of that input.</param>
/// <param name="InputSizes">Sizes of that input.</param>
/// <param name="OutputSizes">Sizes of the forward operator's result.</param>
/// <param name="Gradient">The gradient operator at a value of dY, its first output being that input's gradient.</param>
internal sealed record AdjointCase(
    string Name,
    Func<CaseTensor, OperatorCase> Forward,
    long[] InputSizes,
    long[] OutputSizes,
    Func<CaseTensor, OperatorCase> Gradient);
