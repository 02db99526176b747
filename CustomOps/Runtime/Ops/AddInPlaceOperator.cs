using OnnxActNN.CustomOps.Cpu.Sums;
using OnnxActNN.CustomOps.Cuda;
using OnnxActNN.CustomOps.Interop;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Ops;

/// <summary>AddInPlace (A, B, trigger?) → C: see <see cref="Addition"/>.</summary>
internal sealed unsafe class AddInPlaceOperator(long first) : IOperatorKernel
{
    /// <summary>For float32.</summary>
    public static OperatorDefinition Definition { get; } = new()
    {
        Name = OperatorSchema.AddInPlace.Name,
        Inputs = [OrtElementType.Float32, OrtElementType.Float32, OrtElementType.Float32],
        Outputs = [OrtElementType.Float32],
        FirstOptionalInput = 2,
        OverwritableInput = 0,
        RunsOnCuda = true,
        CreateKernel = info => new AddInPlaceOperator(info.GetInt(SumAttributes.First, 0)),
    };

    public void Compute(OrtKernelContext context)
    {
        var a = context.Input(0);
        var b = context.Input(1);
        var layout = SumLayout.Of(a.Dimensions, b.Dimensions, first);
        var c = context.Output(0, a.Dimensions);
        if (context.Cuda is { } stream)
            CudaSums.Add(stream, a.Data, b.Data, c.Data, layout);
        else
            Addition.Run((float*)a.Data, (float*)b.Data, (float*)c.Data, layout, context.LoopOver(a.Count));
    }
}
