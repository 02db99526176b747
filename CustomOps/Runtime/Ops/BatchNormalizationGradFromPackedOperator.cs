using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cpu.Normalization;
using OnnxActNN.CustomOps.Cuda;
using OnnxActNN.CustomOps.Interop;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Ops;

/// <summary>
/// BatchNormalizationGradFromPacked (dY, packed, shape, scale, mean, inv_std, mask?) → (dX, dscale, dbias): see
/// <see cref="BatchNormalizationGradFromPacked"/>.
/// </summary>
internal sealed unsafe class BatchNormalizationGradFromPackedOperator : IOperatorKernel
{
    private const int Mask = 6;

    /// <summary>For float32.</summary>
    public static OperatorDefinition Definition { get; } = new()
    {
        Name = OperatorSchema.BatchNormalizationGradFromPacked.Name,
        Inputs =
        [
            OrtElementType.Float32, OrtElementType.UInt8, OrtElementType.UInt8, OrtElementType.Float32,
            OrtElementType.Float32, OrtElementType.Float32, OrtElementType.UInt8,
        ],
        Outputs = [OrtElementType.Float32, OrtElementType.Float32, OrtElementType.Float32],
        FirstOptionalInput = Mask,
        OverwritableInput = 0,
        RunsOnCuda = true,
        CreateKernel = _ => new BatchNormalizationGradFromPackedOperator(),
    };

    public void Compute(OrtKernelContext context)
    {
        if (context.Cuda is { } stream)
            ComputeOnCuda(context, stream);
        else
            ComputeOnCpu(context);
    }

    private static void ComputeOnCpu(OrtKernelContext context)
    {
        var dY = context.Input(0);
        var dimensions = ShapeTensor.Read(context.Input(2).Dimensions).ToArray();
        using var scratch = new ScratchNumbers();
        var statistics = new ChannelStatistics(
            NormalizationInputs.ReadNumbers(context.Input(3), scratch),
            NormalizationInputs.ReadNumbers(context.Input(4), scratch),
            NormalizationInputs.ReadNumbers(context.Input(5), scratch));
        var x = NormalizationInputs.ReadChannels(context.Input(1), dimensions, statistics.Scale.Length);
        NormalizationInputs.RequireElements("dY", dY, x.Elements);
        var mask = NormalizationInputs.ReadMask(context.OptionalInput(Mask), x.Elements);
        var dX = context.Output(0, dimensions);
        var dScale = context.Output(1, [x.Channels]);
        var dBias = context.Output(2, [x.Channels]);
        BatchNormalizationGradFromPacked.Run(
            (float*)dY.Data, x, statistics, mask, (float*)dX.Data, (float*)dScale.Data, (float*)dBias.Data,
            context.LoopOver(dY.Count));
    }

    private static void ComputeOnCuda(OrtKernelContext context, CudaStream stream)
    {
        var dY = context.Input(0);
        var stored = ShapeTensor.Read(context.Input(2).Dimensions);
        var dimensions = NormalizationInputs.FirstChannelsOf(stored, context.Input(3).Count);
        var channels = dimensions[1];
        var statistics = NormalizationInputs.ReadAddresses(
            channels, context.Input(3), context.Input(4), context.Input(5));
        var dX = context.Output(0, dimensions);
        NormalizationInputs.RequireElements("dY", dY, dX.Count);
        var dScale = context.Output(1, [channels]);
        var dBias = context.Output(2, [channels]);
        CudaNormalization.Gradient(
            stream, (nint)dY.Data, NormalizationInputs.BytesOf(context.Input(1)), stored, channels, statistics,
            NormalizationInputs.BytesOf(context.OptionalInput(Mask)), (nint)dX.Data, (nint)dScale.Data,
            (nint)dBias.Data);
    }
}
