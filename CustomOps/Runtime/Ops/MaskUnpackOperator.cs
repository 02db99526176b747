using OnnxActNN.CustomOps.Cpu.Masks;
using OnnxActNN.CustomOps.Cuda;
using OnnxActNN.CustomOps.Interop;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Ops;

/// <summary>
/// MaskUnpack (packed, shape, trigger) → Y: the bits of a MaskPack as bool, once the trigger is there.
/// </summary>
internal sealed unsafe class MaskUnpackOperator : IOperatorKernel
{
    public static OperatorDefinition Define(OrtElementType type) => new()
    {
        Name = OperatorSchema.MaskUnpack.Name,
        Inputs = [OrtElementType.UInt8, OrtElementType.UInt8, type],
        Outputs = [OrtElementType.Bool],
        RunsOnCuda = true,
        CreateKernel = _ => new MaskUnpackOperator(),
    };

    public void Compute(OrtKernelContext context)
    {
        var packed = context.Input(0);
        var y = context.Output(0, ShapeTensor.Read(context.Input(1).Dimensions));
        if (context.Cuda is { } stream)
            CudaMasks.Unpack(stream, packed.Data, packed.Count, y.Data, y.Count);
        else
            MaskUnpack.Run(packed.Data, packed.Count, y.Data, y.Count, context.LoopOver(y.Count));
    }
}
