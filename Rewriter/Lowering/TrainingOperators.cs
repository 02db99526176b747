using System.Collections.Frozen;
using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Lowering;

/// <summary>The operators that ONNX Runtime's training build (1.19.2, the last) adds to the inference build.</summary>
internal static class TrainingOperators
{
    /// <summary>The accumulators; <see cref="GradientOutputs"/> replaces them, not a recipe.</summary>
    public static OperatorId Accumulator { get; } = new(OperatorId.Microsoft, "InPlaceAccumulatorV2");

    private static readonly FrozenSet<OperatorId> Set = ((string[])
    [
        "ReluGrad", "LeakyReluGrad", "SigmoidGrad", "TanhGrad", "GeluGrad", "FastGeluGrad", "QuickGeluGrad",
        "BiasGeluGrad_dX", "BiasFastGeluGrad_dX", "SoftmaxGrad", "SoftmaxGrad_13", "LogSoftmaxGrad",
        "LogSoftmaxGrad_13",
        "ConvGrad", "ConvTransposeGrad", "ResizeGrad", "GatherGrad", "GatherElementsGrad", "GatherNDGrad", "SliceGrad",
        "DivGrad",
        "BatchNormInternal", "BatchNormalizationGrad", "LayerNormalizationGrad", "SimplifiedLayerNormalizationGrad",
        "InvertibleLayerNormalizationGrad", "DropoutGrad", "BitmaskDropoutGrad", "SoftmaxDropoutGrad",
        "BiasSoftmaxDropout",
        "SoftmaxCrossEntropy", "SoftmaxCrossEntropyGrad", "SparseSoftmaxCrossEntropy", "SparseSoftmaxCrossEntropyGrad",
        "SoftmaxCrossEntropyLossGrad", "SoftmaxCrossEntropyLossInternal", "SoftmaxCrossEntropyLossInternalGrad",
        "NegativeLogLikelihoodLossInternal", "NegativeLogLikelihoodLossInternal2", "ReduceSumTraining", "SplitTraining",
        "ConcatTraining", "BroadcastGradientArgs", "Scale", "ScaledSum", "BatchScale", "View", "PassThrough", "Group",
        "LSTMTraining", "LSTMGrad", "GRUTraining", "GRUGrad", "FakeQuant", "FakeQuantGrad", "PadAndUnflatten",
        "FlattenAndUnpad",
        "InPlaceAccumulator", "InPlaceAccumulatorV2", "ZeroGradient", "MixedPrecisionScale", "IsFinite", "All",
        "ReduceAllL2",
        "SGDOptimizer", "SGDOptimizerV2", "AdamOptimizer", "AdamWOptimizer", "LambOptimizer", "InplaceClipGradNorm",
        "YieldOp", "RecordEvent", "WaitEvent", "Send", "Recv", "MegatronF", "MegatronG", "NcclAllReduce",
        "NcclAllGather",
        "NcclReduceScatter", "AdasumAllReduce", "PythonOp", "PythonOpGrad", "TritonOp",
        "GistBinarizeEncoder", "GistBinarizeDecoder", "GistPack1Encoder", "GistPack1Decoder", "GistPack8Encoder",
        "GistPack8Decoder",
        "GistPack16Encoder", "GistPack16Decoder", "GistPackMsfp15Encoder", "GistPackMsfp15Decoder",
        "SummaryScalar", "SummaryHistogram", "SummaryMerge", "SummaryText",
    ]).Select(type => new OperatorId(OperatorId.Microsoft, type))
        .Concat([OperatorId.Onnx("MaxPoolGrad"), OperatorId.Onnx("AveragePoolGrad")])
        .ToFrozenSet();

    public static bool Contains(OperatorId op) => Set.Contains(op);
}
