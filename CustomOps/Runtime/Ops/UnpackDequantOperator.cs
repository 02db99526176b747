using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cuda;
using OnnxActNN.CustomOps.Interop;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Ops;

/// <summary>
/// UnpackDequant (packed, shape, trigger) → Y: decodes what QuantizePack wrote, or a slice of it, once the trigger is
/// there.
/// </summary>
internal sealed unsafe class UnpackDequantOperator : IOperatorKernel
{
    private readonly ElementType _type;
    private readonly UnpackOutput _output;
    private readonly BatchSlice _slice;

    private UnpackDequantOperator(OrtElementType type, OrtKernelInfo info)
    {
        _type = (ElementType)type;
        _output = PackAttributes.OutputFrom(info.GetText(PackAttributes.Output, PackAttributes.OutputValue));
        _slice = BatchSliceOperator.ReadSlice(info);
    }

    public static OperatorDefinition Define(OrtElementType type) => new()
    {
        Name = OperatorSchema.UnpackDequant.Name,
        Inputs = [OrtElementType.UInt8, OrtElementType.UInt8, type],
        Outputs = [type],
        RunsOnCuda = true,
        CreateKernel = info => new UnpackDequantOperator(type, info),
    };

    public void Compute(OrtKernelContext context)
    {
        var packed = context.Input(0);
        var dimensions = ShapeTensor.Read(context.Input(1).Dimensions);
        var y = context.Output(0, _slice.DimensionsOf(dimensions));
        if (context.Cuda is { } stream)
        {
            CudaUnpackDequant.Run(stream, _type, packed.Data, packed.Count, dimensions, _slice, y.Data, _output);
        }
        else
        {
            UnpackDequant.Run(
                KernelTiers.Current, _type, packed.Data, packed.Count, dimensions, _slice, y.Data, _output,
                context.LoopOver(y.Count));
        }
    }
}
