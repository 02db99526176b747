using OnnxActNN.CustomOps.Cpu.Pooling;
using OnnxActNN.CustomOps.Cuda;
using OnnxActNN.CustomOps.Interop;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Ops;

/// <summary>MaxPoolIndexPack (X) → (packed, shape, Y): a MaxPool that packs its indices itself.</summary>
internal sealed unsafe class MaxPoolIndexPackOperator : IOperatorKernel
{
    private readonly ElementType _type;
    private readonly PoolingWindow _window;
    private readonly bool _isCeil;
    private readonly bool _fromFirst;

    private MaxPoolIndexPackOperator(ElementType type, OrtKernelInfo info)
    {
        (_type, _window) = (type, PoolingWindowReader.Read(info));
        _isCeil = info.GetInt(PoolingAttributes.CeilMode, 0) != 0;
        _fromFirst = info.GetInt(PoolingAttributes.FromFirst, 0) != 0;
    }

    public static OperatorDefinition Define(OrtElementType type) => new()
    {
        Name = OperatorSchema.MaxPoolIndexPack.Name,
        Inputs = [type],
        Outputs = [OrtElementType.UInt8, OrtElementType.UInt8, type],
        RunsOnCuda = true,
        CreateKernel = info => new MaxPoolIndexPackOperator((ElementType)type, info),
    };

    public void Compute(OrtKernelContext context)
    {
        var x = context.Input(0);
        var dimensions = x.Dimensions;
        var pooled = _window.OutputOf(dimensions, _isCeil);
        var layout = IndexLayout.Create(pooled, _window);
        var packed = context.Output(0, [layout.TotalBytes]);
        context.Output(1, ShapeTensor.DimensionsFor(dimensions));
        var y = context.Output(2, pooled);
        if (context.Cuda is { } stream)
            CudaPooling.Pool(stream, _type, x.Data, layout, dimensions, pooled, _fromFirst, packed.Data, y.Data);
        else
        {
            MaxPoolIndexPack.Run(
                _type, x.Data, layout, dimensions.AsSpan(2), pooled.AsSpan(2), _fromFirst, packed.Data, y.Data,
                context.LoopOver(x.Count));
        }
    }
}
