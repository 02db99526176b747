using OnnxActNN.CustomOps.Cpu.Normalization;
using OnnxActNN.CustomOps.Cuda;
using OnnxActNN.CustomOps.Interop;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Ops;

/// <summary>
/// LayerNormalizationFromPacked (packed, shape, trigger, scale, bias?, mean?, inv_std) → Y: see
/// <see cref="LayerNormalizationFromPacked"/>.
/// </summary>
internal sealed unsafe class LayerNormalizationFromPackedOperator : IOperatorKernel
{
    private const int Bias = 4;

    /// <summary>For float32.</summary>
    public static OperatorDefinition Definition { get; } = new()
    {
        Name = OperatorSchema.LayerNormalizationFromPacked.Name,
        Inputs =
        [
            OrtElementType.UInt8, OrtElementType.UInt8, OrtElementType.Float32, OrtElementType.Float32,
            OrtElementType.Float32, OrtElementType.Float32, OrtElementType.Float32,
        ],
        Outputs = [OrtElementType.Float32],
        FirstOptionalInput = Bias,
        RunsOnCuda = true,
        CreateKernel = _ => new LayerNormalizationFromPackedOperator(),
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
        var dimensions = ShapeTensor.Read(context.Input(1).Dimensions);
        var (x, statistics) = NormalizationInputs.ReadRows(
            context.Input(0), dimensions, context.Input(3), context.OptionalInput(5), context.OptionalInput(6));
        var bias = context.OptionalInput(Bias);
        if (!bias.IsAbsent && x.Planes > 0) NormalizationInputs.RequireElements("bias", bias, x.PlaneLength);
        var y = context.Output(0, dimensions);
        LayerNormalizationFromPacked.Run(x, statistics, (float*)bias.Data, (float*)y.Data, context.LoopOver(y.Count));
    }

    private static void ComputeOnCuda(OrtKernelContext context, CudaStream stream)
    {
        var dimensions = ShapeTensor.Read(context.Input(1).Dimensions);
        var y = context.Output(0, dimensions);
        var (columns, statistics) = NormalizationInputs.ReadRowAddresses(
            y.Count, context.Input(3), context.OptionalInput(Bias), context.OptionalInput(5), context.OptionalInput(6));
        CudaLayerNormalization.Forward(
            stream, NormalizationInputs.BytesOf(context.Input(0)), dimensions, columns, statistics, (nint)y.Data);
    }
}
