using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cpu.Normalization;
using OnnxActNN.CustomOps.Cuda;
using OnnxActNN.CustomOps.Interop;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Ops;

/// <summary>
/// BatchNormalizationFromPacked (packed, shape, trigger, scale, bias, mean, inv_std, mask?, addend?) → Y: see
/// <see cref="BatchNormalizationFromPacked"/>.
/// </summary>
internal sealed unsafe class BatchNormalizationFromPackedOperator(ClipBounds bounds, BatchSlice slice) : IOperatorKernel
{
    private const int Mask = 7;
    private const int Addend = 8;

    /// <summary>For float32.</summary>
    public static OperatorDefinition Definition { get; } = new()
    {
        Name = OperatorSchema.BatchNormalizationFromPacked.Name,
        Inputs =
        [
            OrtElementType.UInt8, OrtElementType.UInt8, OrtElementType.Float32, OrtElementType.Float32,
            OrtElementType.Float32,
            OrtElementType.Float32, OrtElementType.Float32, OrtElementType.UInt8, OrtElementType.Float32,
        ],
        Outputs = [OrtElementType.Float32],
        FirstOptionalInput = Mask,
        OverwrittenInput = Addend,
        RunsOnCuda = true,
        CreateKernel = info => new BatchNormalizationFromPackedOperator(
            new ClipBounds(info.GetFloat(MaskAttributes.Min, 0), info.GetFloat(MaskAttributes.Max, 0)),
            BatchSliceOperator.ReadSlice(info)),
    };

    public void Compute(OrtKernelContext context)
    {
        if (context.Cuda is { } stream)
            ComputeOnCuda(context, stream);
        else
            ComputeOnCpu(context);
    }

    private void ComputeOnCpu(OrtKernelContext context)
    {
        var dimensions = ShapeTensor.Read(context.Input(1).Dimensions).ToArray();
        using var scratch = new ScratchNumbers();
        var statistics = new ChannelStatistics(
            NormalizationInputs.ReadNumbers(context.Input(3), scratch),
            NormalizationInputs.ReadNumbers(context.Input(5), scratch),
            NormalizationInputs.ReadNumbers(context.Input(6), scratch));
        var x = NormalizationInputs.ReadChannels(context.Input(0), dimensions, statistics.Scale.Length);
        var bias = NormalizationInputs.ReadNumbers(context.Input(4), scratch);
        var mask = NormalizationInputs.ReadMask(context.OptionalInput(Mask), x.Elements);
        var addend = context.OptionalInput(Addend);
        var y = context.Output(0, slice.DimensionsOf(dimensions));
        if (!addend.IsAbsent) NormalizationInputs.RequireElements("addend", addend, y.Count);
        BatchNormalizationFromPacked.Run(
            x, statistics, bias, mask, bounds, slice, (float*)addend.Data, (float*)y.Data, context.LoopOver(y.Count));
    }

    private void ComputeOnCuda(OrtKernelContext context, CudaStream stream)
    {
        var stored = ShapeTensor.Read(context.Input(1).Dimensions);
        var dimensions = NormalizationInputs.FirstChannelsOf(stored, context.Input(3).Count);
        var channels = dimensions[1];
        var statistics = NormalizationInputs.ReadAddresses(
            channels, context.Input(3), context.Input(5), context.Input(6));
        var bias = NormalizationInputs.AddressOf(context.Input(4), channels);
        var addend = context.OptionalInput(Addend);
        var y = context.Output(0, slice.DimensionsOf(dimensions));
        if (!addend.IsAbsent) NormalizationInputs.RequireElements("addend", addend, y.Count);
        CudaNormalization.Forward(
            stream, NormalizationInputs.BytesOf(context.Input(0)), stored, channels, statistics, bias,
            NormalizationInputs.BytesOf(context.OptionalInput(Mask)), bounds, slice, (nint)addend.Data, (nint)y.Data);
    }
}
