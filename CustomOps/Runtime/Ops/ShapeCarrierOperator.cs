using OnnxActNN.CustomOps.Interop;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Ops;

/// <summary>
/// ShapeCarrier (X) → (shape, passthrough): keeps the dimensions of X for the backward pass, and none of its bytes.
/// </summary>
internal sealed class ShapeCarrierOperator : IOperatorKernel
{
    public static OperatorDefinition Define(OrtElementType type) => new()
    {
        Name = OperatorSchema.ShapeCarrier.Name,
        Inputs = [type],
        Outputs = [OrtElementType.UInt8, type],
        PassThroughOutput = 1,
        RunsOnCuda = true,
        CreateKernel = _ => new ShapeCarrierOperator(),
    };

    public void Compute(OrtKernelContext context)
    {
        var x = context.Input(0);
        context.Output(0, ShapeTensor.DimensionsFor(x.Dimensions));
        PassThrough.Write(context, 1, x);
    }
}
