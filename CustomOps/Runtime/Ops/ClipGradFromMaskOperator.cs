using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cpu.Masks;
using OnnxActNN.CustomOps.Interop;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Ops;

/// <summary>ClipGradFromMask (dY, packed) → dX: the gradient of Clip from one bit per element.</summary>
/// <remarks>Elements outside are multiplied by 0, as gradient graphs do, so that every bit is theirs.</remarks>
internal sealed unsafe class ClipGradFromMaskOperator(ElementType type) : IOperatorKernel
{
    public static OperatorDefinition Define(OrtElementType type) => new()
    {
        Name = OperatorSchema.ClipGradFromMask.Name,
        Inputs = [type, OrtElementType.UInt8],
        Outputs = [type],
        OverwritableInput = 0,
        CreateKernel = _ => new ClipGradFromMaskOperator((ElementType)type),
    };

    public void Compute(OrtKernelContext context)
    {
        var dY = context.Input(0);
        var packed = context.Input(1);
        var dX = context.Output(0, dY.Dimensions);
        MaskGradient.Scale(
            KernelTiers.Current, type, dY.Data, dY.Count, packed.Data, packed.Count, new MaskFactors<float>(Kept: 1, Dropped: 0, Divisor: 1),
            dX.Data, context.LoopOver(dY.Count));
    }
}
