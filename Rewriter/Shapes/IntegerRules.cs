using System.Collections.Frozen;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Shapes.Integers;

namespace OnnxActNN.Rewriter.Shapes;

/// <summary>
/// One rule per operator that exporters use to compute shapes; the rows stand in the folder Integers. They run behind
/// the shape rules, so the output's shape is known to be small.
/// </summary>
internal static class IntegerRules
{
    public static FrozenDictionary<OperatorId, IntegerRule> Table { get; } = new RuleRows<IntegerRule>()
        .With(ArithmeticRules.AddTo)
        .With(LogicRules.AddTo)
        .With(SourceRules.AddTo)
        .With(MoveRules.AddTo)
        .ToTable();
}
