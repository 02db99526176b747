using OnnxActNN.CustomOps.Cpu.Masks;
using OnnxActNN.CustomOps.Interop;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Ops;

/// <summary>ReluGradFromMask (dY, packed) → dX: the gradients of Relu and LeakyRelu from one bit per element.</summary>
internal sealed class ReluGradFromMaskOperator(ElementType type, float alpha) : IOperatorKernel
{
    public static OperatorDefinition Define(OrtElementType type) => new()
    {
        Name = OperatorSchema.ReluGradFromMask.Name,
        Inputs = [type, OrtElementType.UInt8],
        Outputs = [type],
        OverwritableInput = 0,
        RunsOnCuda = true,
        CreateKernel = info => new ReluGradFromMaskOperator((ElementType)type, info.GetFloat(MaskAttributes.Alpha, 0)),
    };

    public void Compute(OrtKernelContext context)
    {
        if (alpha == 0)
            MaskGradientDispatch.KeepOrZero(context, type, context.Input(0), context.Input(1));
        else
            MaskGradientDispatch.Scale(
                context, type, context.Input(0), context.Input(1),
                new MaskFactors<float>(Kept: 1, Dropped: alpha, Divisor: 1));
    }
}
