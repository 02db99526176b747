using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cuda;
using OnnxActNN.CustomOps.Interop;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Ops;

/// <summary>SoftmaxGradFromPacked (dY, packed, shape, sum) → dX: see <see cref="SoftmaxGradFromPacked"/>.</summary>
internal sealed unsafe class SoftmaxGradFromPackedOperator : IOperatorKernel
{
    /// <summary>For float32.</summary>
    public static OperatorDefinition Definition { get; } = new()
    {
        Name = OperatorSchema.SoftmaxGradFromPacked.Name,
        Inputs = [OrtElementType.Float32, OrtElementType.UInt8, OrtElementType.UInt8, OrtElementType.Float32],
        Outputs = [OrtElementType.Float32],
        OverwritableInput = 0,
        RunsOnCuda = true,
        CreateKernel = _ => new SoftmaxGradFromPackedOperator(),
    };

    public void Compute(OrtKernelContext context)
    {
        var dY = context.Input(0);
        var packed = context.Input(1);
        var sum = context.Input(3);
        var dimensions = ShapeTensor.Read(context.Input(2).Dimensions);
        var dX = context.Output(0, dimensions);
        if (dY.Count != dX.Count)
            throw new ArgumentException($"input 'dY' has {dY.Count} elements, the packed tensor {dX.Count}.");
        var rows = dX.Count == 0 || dimensions.IsEmpty ? dX.Count : dX.Count / dimensions[^1];
        if (sum.Count != rows) throw new ArgumentException($"input 'sum' has {sum.Count} numbers for {rows} rows.");
        if (context.Cuda is { } stream)
        {
            CudaSoftmax.Gradient(stream, dY.Data, dimensions, packed.Data, packed.Count, sum.Data, dX.Data);
            return;
        }
        SoftmaxGradFromPacked.Run(
            KernelTiers.Current, (float*)dY.Data, dimensions, packed.Data, packed.Count, (float*)sum.Data,
            (float*)dX.Data, context.LoopOver(dX.Count));
    }
}
