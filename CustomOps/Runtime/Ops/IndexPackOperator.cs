using OnnxActNN.CustomOps.Cpu.Pooling;
using OnnxActNN.CustomOps.Cuda;
using OnnxActNN.CustomOps.Interop;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Ops;

/// <summary>IndexPack (Indices, X) → (packed, shape): MaxPool's indices as offsets in their windows.</summary>
internal sealed unsafe class IndexPackOperator : IOperatorKernel
{
    private readonly PoolingWindow _window;

    private IndexPackOperator(OrtKernelInfo info) => _window = PoolingWindowReader.Read(info);

    public static OperatorDefinition Define(OrtElementType type) => new()
    {
        Name = OperatorSchema.IndexPack.Name,
        Inputs = [OrtElementType.Int64, type],
        Outputs = [OrtElementType.UInt8, OrtElementType.UInt8],
        RunsOnCuda = true,
        CreateKernel = info => new IndexPackOperator(info),
    };

    public void Compute(OrtKernelContext context)
    {
        var indices = context.Input(0);
        var x = context.Input(1).Dimensions;
        var y = indices.Dimensions;
        var layout = IndexLayout.Create(y, _window);
        if (x.Length != y.Length || !x.AsSpan(0, 2).SequenceEqual(y.AsSpan(0, 2)))
            throw new ArgumentException("input 'X' is not the input of the MaxPool that made 'Indices'.");
        var packed = context.Output(0, [layout.TotalBytes]);
        context.Output(1, ShapeTensor.DimensionsFor(x));
        if (context.Cuda is { } stream)
            CudaPooling.Pack(stream, (long*)indices.Data, layout, x, y, packed.Data);
        else
            IndexPack.Run(
                (long*)indices.Data, layout, x.AsSpan(2), y.AsSpan(2), packed.Data, context.LoopOver(indices.Count));
    }
}
