using OnnxActNN.CustomOps.Cpu.Normalization;
using OnnxActNN.CustomOps.Interop;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Ops;

/// <summary>
/// LayerNormalizationFromPacked (packed, shape, trigger, scale, bias?, mean?, inv_std) → Y: see <see cref="LayerNormalizationFromPacked"/>.
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
            OrtElementType.UInt8, OrtElementType.UInt8, OrtElementType.Float32, OrtElementType.Float32, OrtElementType.Float32,
            OrtElementType.Float32, OrtElementType.Float32,
        ],
        Outputs = [OrtElementType.Float32],
        FirstOptionalInput = Bias,
        CreateKernel = _ => new LayerNormalizationFromPackedOperator(),
    };

    public void Compute(OrtKernelContext context)
    {
        var dimensions = ShapeTensor.Read(context.Input(1).Dimensions);
        var (x, statistics) = NormalizationInputs.ReadRows(
            context.Input(0), dimensions, context.Input(3), context.OptionalInput(5), context.OptionalInput(6));
        var bias = context.OptionalInput(Bias);
        if (bias.Data != null && x.Planes > 0) NormalizationInputs.RequireElements("bias", bias, x.PlaneLength);
        var y = context.Output(0, dimensions);
        LayerNormalizationFromPacked.Run(x, statistics, (float*)bias.Data, (float*)y.Data, context.LoopOver(y.Count));
    }
}
