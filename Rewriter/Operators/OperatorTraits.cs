using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Operators;

/// <summary>
/// What is known of one operator: the need of each input, the last one repeated for variadic operators.
/// </summary>
internal sealed record OperatorTraits(OperatorId Operator, IReadOnlyList<Need> Inputs)
{
    public Need NeedOf(int input) => input < Inputs.Count ? Inputs[input] : Inputs[^1];
}
