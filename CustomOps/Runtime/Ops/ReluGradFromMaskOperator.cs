using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cpu.Masks;
using OnnxActNN.CustomOps.Interop;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Ops;

/// <summary>ReluGradFromMask (dY, packed) → dX: the gradients of Relu and LeakyRelu from one bit per element.</summary>
internal sealed unsafe class ReluGradFromMaskOperator(ElementType type, float alpha) : IOperatorKernel
{
    public static OperatorDefinition Define(OrtElementType type) => new()
    {
        Name = OperatorSchema.ReluGradFromMask.Name,
        Inputs = [type, OrtElementType.UInt8],
        Outputs = [type],
        OverwritableInput = 0,
        CreateKernel = info => new ReluGradFromMaskOperator((ElementType)type, info.GetFloat(MaskAttributes.Alpha, 0)),
    };

    public void Compute(OrtKernelContext context)
    {
        var dY = context.Input(0);
        var packed = context.Input(1);
        var dX = context.Output(0, dY.Dimensions);
        if (alpha == 0)
        {
            MaskGradient.KeepOrZero(
                KernelTiers.Current, type, dY.Data, dY.Count, packed.Data, packed.Count, dX.Data, context.LoopOver(dY.Count));
            return;
        }
        MaskGradient.Scale(
            KernelTiers.Current, type, dY.Data, dY.Count, packed.Data, packed.Count, new MaskFactors<float>(Kept: 1, Dropped: alpha, Divisor: 1),
            dX.Data, context.LoopOver(dY.Count));
    }
}
