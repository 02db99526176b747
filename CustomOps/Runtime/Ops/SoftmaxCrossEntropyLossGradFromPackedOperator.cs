using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cpu.Losses;
using OnnxActNN.CustomOps.Cuda;
using OnnxActNN.CustomOps.Interop;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Ops;

/// <summary>
/// SoftmaxCrossEntropyLossGradFromPacked (dY, packed, shape, labels, weight?) → dX: see
/// <see cref="SoftmaxCrossEntropyLossGradFromPacked"/>.
/// </summary>
internal sealed unsafe class SoftmaxCrossEntropyLossGradFromPackedOperator : IOperatorKernel
{
    private const int Weight = 4;

    private readonly OrtElementType _labelType;
    private readonly LabelFactors _factors;

    private SoftmaxCrossEntropyLossGradFromPackedOperator(OrtElementType labelType, OrtKernelInfo info)
    {
        _labelType = labelType;
        var ignored = info.GetInts(LossAttributes.IgnoreIndex);
        if (ignored.Length > 1)
            throw new ArgumentException(
                $"attribute '{LossAttributes.IgnoreIndex}' names one label at most, not {ignored.Length}.");
        _factors = new LabelFactors(
            ReductionFrom(info.GetText(LossAttributes.Reduction, LossAttributes.ReductionMean)),
            ignored is [var index] ? index : null);
    }

    /// <summary>The type is the labels'; all else is float32.</summary>
    public static OperatorDefinition Define(OrtElementType labelType) => new()
    {
        Name = OperatorSchema.SoftmaxCrossEntropyLossGradFromPacked.Name,
        Inputs = [OrtElementType.Float32, OrtElementType.UInt8, OrtElementType.UInt8, labelType,
        OrtElementType.Float32],
        Outputs = [OrtElementType.Float32],
        FirstOptionalInput = Weight,
        RunsOnCuda = true,
        CreateKernel = info => new SoftmaxCrossEntropyLossGradFromPackedOperator(labelType, info),
    };

    public void Compute(OrtKernelContext context)
    {
        var dY = context.Input(0);
        var packed = context.Input(1);
        var dimensions = ShapeTensor.Read(context.Input(2).Dimensions);
        if (dimensions.Length < 2) throw new ArgumentException("the packed tensor has no axis of classes.");
        var labels = context.Input(3);
        var weight = context.OptionalInput(Weight);
        var dX = context.Output(0, dimensions);
        if ((Int128)labels.Count * dimensions[1] != dX.Count)
            throw new ArgumentException(
                $"input 'labels' has {labels.Count} labels for {dX.Count} probabilities of {dimensions[1]} classes.");
        if (!weight.IsAbsent) NormalizationInputs.RequireElements("weight", weight, dimensions[1]);
        if (context.Cuda is { } stream)
        {
            var weights = weight.IsAbsent ? 0 : weight.Count;
            _factors.Require(labels.Count, dimensions[1], weights, dY.Count);
            CudaSoftmaxCrossEntropyLoss.Gradient(
                stream, _factors, (nint)dY.Data, NormalizationInputs.BytesOf(packed), dimensions,
                new LabelAddresses((nint)labels.Data, labels.Count, _labelType == OrtElementType.Int64),
                weights > 0 ? (nint)weight.Data : 0, (nint)dX.Data);
            return;
        }
        var classes = ReadLabels(labels);
        var factors = _factors.Of(classes, dimensions[1], FloatsOf(weight), FloatsOf(dY));
        SoftmaxCrossEntropyLossGradFromPacked.Run(
            KernelTiers.Current, dimensions, packed.Data, packed.Count, classes, factors, (float*)dX.Data,
            context.LoopOver(dX.Count));
    }

    private long[] ReadLabels(OrtTensor labels)
    {
        var count = checked((int)labels.Count);
        return _labelType == OrtElementType.Int64
            ? new ReadOnlySpan<long>(labels.Data, count).ToArray()
            : Array.ConvertAll(new ReadOnlySpan<int>(labels.Data, count).ToArray(), label => (long)label);
    }

    private static ReadOnlySpan<float> FloatsOf(OrtTensor tensor) =>
        tensor.Data == null ? [] : new ReadOnlySpan<float>(tensor.Data, checked((int)tensor.Count));

    private static LossReduction ReductionFrom(string text) => text switch
    {
        LossAttributes.ReductionMean => LossReduction.Mean,
        LossAttributes.ReductionSum => LossReduction.Sum,
        LossAttributes.ReductionNone => LossReduction.None,
        _ => throw new ArgumentException(
            $"Attribute {LossAttributes.Reduction} is \"{LossAttributes.ReductionMean}\", "
                + $"\"{LossAttributes.ReductionSum}\" or "
            + $"\"{LossAttributes.ReductionNone}\", not \"{text}\"."),
    };
}
