using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cpu.Derivatives;
using OnnxActNN.CustomOps.Cuda;
using OnnxActNN.CustomOps.Interop;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Ops;

/// <summary>ActivationGradFromCodes (dY, packed) → dX: an activation's gradient from codes of its derivative.</summary>
internal sealed unsafe class ActivationGradFromCodesOperator(ElementType type) : IOperatorKernel
{
    public static OperatorDefinition Define(OrtElementType type) => new()
    {
        Name = OperatorSchema.ActivationGradFromCodes.Name,
        Inputs = [type, OrtElementType.UInt8],
        Outputs = [type],
        OverwritableInput = 0,
        RunsOnCuda = true,
        CreateKernel = _ => new ActivationGradFromCodesOperator((ElementType)type),
    };

    public void Compute(OrtKernelContext context)
    {
        var dY = context.Input(0);
        var packed = context.Input(1);
        var dX = context.Output(0, dY.Dimensions);
        if (context.Cuda is { } stream)
        {
            CudaDerivatives.Gradient(stream, type, dY.Data, dY.Count, packed.Data, packed.Count, dX.Data);
            return;
        }
        ActivationGradient.Run(
            KernelTiers.Current, type, dY.Data, dY.Count, packed.Data, packed.Count, dX.Data,
            context.LoopOver(dY.Count));
    }
}
