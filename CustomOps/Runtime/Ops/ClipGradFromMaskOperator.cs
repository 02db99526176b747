using OnnxActNN.CustomOps.Cpu.Masks;
using OnnxActNN.CustomOps.Interop;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Ops;

/// <summary>ClipGradFromMask (dY, packed) → dX: the gradient of Clip from one bit per element.</summary>
/// <remarks>Elements outside are multiplied by 0, as gradient graphs do, so that every bit is theirs.</remarks>
internal sealed class ClipGradFromMaskOperator(ElementType type) : IOperatorKernel
{
    public static OperatorDefinition Define(OrtElementType type) => new()
    {
        Name = OperatorSchema.ClipGradFromMask.Name,
        Inputs = [type, OrtElementType.UInt8],
        Outputs = [type],
        OverwritableInput = 0,
        RunsOnCuda = true,
        CreateKernel = _ => new ClipGradFromMaskOperator((ElementType)type),
    };

    public void Compute(OrtKernelContext context) =>
        MaskGradientDispatch.Scale(
            context, type, context.Input(0), context.Input(1), new MaskFactors<float>(Kept: 1, Dropped: 0, Divisor: 1));
}
