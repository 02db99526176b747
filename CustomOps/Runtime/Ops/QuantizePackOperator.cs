using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cuda;
using OnnxActNN.CustomOps.Interop;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Ops;

/// <summary>QuantizePack (X) → (packed, shape, passthrough): encodes X by groups and hands X on.</summary>
internal sealed unsafe class QuantizePackOperator : IOperatorKernel
{
    private readonly ElementType _type;
    private readonly PackFormat _format;
    private readonly PackKeys _keys;

    private QuantizePackOperator(OrtElementType type, OrtKernelInfo info)
    {
        _type = (ElementType)type;
        _format = PackFormatReader.Read(info);
        _keys = new PackKeys(info);
    }

    public static OperatorDefinition Define(OrtElementType type) => new()
    {
        Name = OperatorSchema.QuantizePack.Name,
        Inputs = [type],
        Outputs = [OrtElementType.UInt8, OrtElementType.UInt8, type],
        PassThroughOutput = 2,
        RunsOnCuda = true,
        CreateKernel = info => new QuantizePackOperator(type, info),
    };

    public void Compute(OrtKernelContext context)
    {
        var x = context.Input(0);
        var layout = PackedLayout.Create(x.Dimensions, _format);
        var packed = context.Output(0, [layout.TotalBytes]);
        context.Output(1, ShapeTensor.DimensionsFor(x.Dimensions));
        var key = _keys.Next();
        if (context.Cuda is { } stream)
            CudaQuantizePack.Run(stream, _type, x.Data, packed.Data, layout, key);
        else
            QuantizePack.Run(_type, x.Data, packed.Data, layout, key, context.LoopOver(x.Count));
        PassThrough.Write(context, 2, x);
    }
}
