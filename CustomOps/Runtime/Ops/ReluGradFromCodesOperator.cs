using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cuda;
using OnnxActNN.CustomOps.Interop;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Ops;

/// <summary>ReluGradFromCodes (dY, packed) → dX: the gradient of Relu from the codes of its zero-exact pack.</summary>
internal sealed unsafe class ReluGradFromCodesOperator(ElementType type) : IOperatorKernel
{
    public static OperatorDefinition Define(OrtElementType type) => new()
    {
        Name = OperatorSchema.ReluGradFromCodes.Name,
        Inputs = [type, OrtElementType.UInt8],
        Outputs = [type],
        OverwritableInput = 0,
        RunsOnCuda = true,
        CreateKernel = _ => new ReluGradFromCodesOperator((ElementType)type),
    };

    public void Compute(OrtKernelContext context)
    {
        var dY = context.Input(0);
        var packed = context.Input(1);
        var dX = context.Output(0, dY.Dimensions);
        if (context.Cuda is { } stream)
        {
            CudaUnpackDequant.ReluGradient(stream, type, dY.Data, dY.Dimensions, packed.Data, packed.Count, dX.Data);
            return;
        }
        ReluGradFromCodes.Run(
            KernelTiers.Current, type, dY.Data, dY.Dimensions, packed.Data, packed.Count, dX.Data,
            context.LoopOver(dY.Count));
    }
}
