using OnnxActNN.CustomOps.Cpu.Pooling;
using OnnxActNN.CustomOps.Cuda;
using OnnxActNN.CustomOps.Interop;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Ops;

/// <summary>MaxPoolGradFromIndex (dY, packed, shape) → dX: the gradient of MaxPool from its packed indices.</summary>
internal sealed unsafe class MaxPoolGradFromIndexOperator(ElementType type) : IOperatorKernel
{
    public static OperatorDefinition Define(OrtElementType type) => new()
    {
        Name = OperatorSchema.MaxPoolGradFromIndex.Name,
        Inputs = [type, OrtElementType.UInt8, OrtElementType.UInt8],
        Outputs = [type],
        RunsOnCuda = true,
        CreateKernel = _ => new MaxPoolGradFromIndexOperator((ElementType)type),
    };

    public void Compute(OrtKernelContext context)
    {
        var dY = context.Input(0);
        var packed = context.Input(1);
        var x = ShapeTensor.Read(context.Input(2).Dimensions);
        var dX = context.Output(0, x);
        if (context.Cuda is { } stream)
            CudaPooling.Gradient(stream, type, dY.Data, dY.Dimensions, packed.Data, packed.Count, dX.Data, x);
        else
            MaxPoolGradient.Run(
                type, dY.Data, dY.Dimensions, packed.Data, packed.Count, dX.Data, x, context.LoopOver(dX.Count));
    }
}
