using OnnxActNN.CustomOps.Cpu.Normalization;
using OnnxActNN.CustomOps.Cuda;
using OnnxActNN.CustomOps.Interop;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Ops;

/// <summary>
/// LayerNormalizationGradFromPacked (dY, packed, shape, scale, mean?, inv_std) → (dX, dscale, dbias): see
/// <see cref="LayerNormalizationGradFromPacked"/>.
/// </summary>
internal sealed unsafe class LayerNormalizationGradFromPackedOperator : IOperatorKernel
{
    private const int Mean = 4;

    /// <summary>For float32.</summary>
    public static OperatorDefinition Definition { get; } = new()
    {
        Name = OperatorSchema.LayerNormalizationGradFromPacked.Name,
        Inputs =
        [
            OrtElementType.Float32, OrtElementType.UInt8, OrtElementType.UInt8, OrtElementType.Float32,
            OrtElementType.Float32, OrtElementType.Float32,
        ],
        Outputs = [OrtElementType.Float32, OrtElementType.Float32, OrtElementType.Float32],
        FirstOptionalInput = Mean,
        OverwritableInput = 0,
        RunsOnCuda = true,
        CreateKernel = _ => new LayerNormalizationGradFromPackedOperator(),
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
        var dimensions = ShapeTensor.Read(context.Input(2).Dimensions);
        var scale = context.Input(3);
        var (x, statistics) = NormalizationInputs.ReadRows(
            context.Input(1), dimensions, scale, context.OptionalInput(Mean), context.OptionalInput(5));
        NormalizationInputs.RequireElements("dY", dY, x.Elements);
        var dX = context.Output(0, dimensions);
        var dScale = context.Output(1, scale.Dimensions);
        var dBias = context.Output(2, scale.Dimensions);
        LayerNormalizationGradFromPacked.Run(
            (float*)dY.Data, x, statistics, (float*)dX.Data, (float*)dScale.Data, (float*)dBias.Data,
            context.LoopOver(dY.Count));
        if (x.Elements > 0) return;
        // No row adds anything; and without rows the packed tensor does not tell how many columns there are.
        new Span<float>(dScale.Data, checked((int)dScale.Count)).Clear();
        new Span<float>(dBias.Data, checked((int)dBias.Count)).Clear();
    }

    private static void ComputeOnCuda(OrtKernelContext context, CudaStream stream)
    {
        var dY = context.Input(0);
        var dimensions = ShapeTensor.Read(context.Input(2).Dimensions);
        var scale = context.Input(3);
        var dX = context.Output(0, dimensions);
        var (columns, statistics) = NormalizationInputs.ReadRowAddresses(
            dX.Count, scale, bias: default, context.OptionalInput(Mean), context.OptionalInput(5));
        NormalizationInputs.RequireElements("dY", dY, dX.Count);
        var dScale = context.Output(1, scale.Dimensions);
        var dBias = context.Output(2, scale.Dimensions);
        CudaLayerNormalization.Gradient(
            stream, (nint)dY.Data, NormalizationInputs.BytesOf(context.Input(1)), dimensions, columns, statistics,
            (nint)dX.Data, (nint)dScale.Data, (nint)dBias.Data);
    }
}
