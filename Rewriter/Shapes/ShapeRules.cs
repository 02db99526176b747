using System.Collections.Frozen;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Shapes.Rules;

namespace OnnxActNN.Rewriter.Shapes;

/// <summary>One shape rule per operator; the rows stand with their families in the folder Rules.</summary>
internal static class ShapeRules
{
    public static FrozenDictionary<OperatorId, ShapeRule> Table { get; } = new RuleRows<ShapeRule>()
        .With(ElementwiseRules.AddTo)
        .With(MatMulRules.AddTo)
        .With(ConvolutionRules.AddTo)
        .With(PoolingRules.AddTo)
        .With(ReductionRules.AddTo)
        .With(ReshapeRules.AddTo)
        .With(LayoutRules.AddTo)
        .With(ResizeRules.AddTo)
        .With(IndexingRules.AddTo)
        .With(SliceRules.AddTo)
        .With(CreationRules.AddTo)
        .With(NormalizationRules.AddTo)
        .With(LossRules.AddTo)
        .With(RecurrentRules.AddTo)
        .With(ControlFlowRules.AddTo)
        .With(GradientRules.AddTo)
        .With(OptimizerRules.AddTo)
        .With(CustomRules.AddTo)
        .ToTable();
}
