using System.Runtime.InteropServices;
using OnnxActNN.CustomOps.Cuda;
using OnnxActNN.CustomOps.Interop;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Ops;

/// <summary>
/// BatchSlice (X, trigger?) → Y: copies a slice of the samples, once the trigger is there; zeros in place of samples of
/// another slice.
/// </summary>
internal sealed unsafe class BatchSliceOperator(BatchSlice slice) : IOperatorKernel
{
    private const int Trigger = 1;

    public static OperatorDefinition Define(OrtElementType type) => new()
    {
        Name = OperatorSchema.BatchSlice.Name,
        Inputs = [type, OrtElementType.Bool],
        Outputs = [type],
        FirstOptionalInput = Trigger,
        RunsOnCuda = true,
        CreateKernel = info => new BatchSliceOperator(ReadSlice(info)),
    };

    /// <summary>The slice that a node's attributes name; all samples without them.</summary>
    /// <exception cref="ArgumentException">There is no such slice.</exception>
    public static BatchSlice ReadSlice(OrtKernelInfo info) =>
        BatchSlice.Create(info.GetInt(SliceAttributes.Index, 0), info.GetInt(SliceAttributes.Count, 1));

    public void Compute(OrtKernelContext context)
    {
        var x = context.Input(0);
        var y = context.Output(0, slice.DimensionsOf(x.Dimensions));
        var size = OrtElementTypes.BytesOf(x.ElementType);
        var bytes = checked(y.Count * size);
        if (bytes == 0) return;
        var isEmpty = slice.Of(x.Dimensions[0]).IsEmpty;
        var source = x.Data + slice.ElementsOf(x.Dimensions).Start * size;
        if (context.Cuda is { } stream)
            WriteOnCuda(stream, isEmpty, source, y.Data, bytes);
        else if (isEmpty)
            NativeMemory.Clear(y.Data, (nuint)bytes);
        else
            Buffer.MemoryCopy(source, y.Data, bytes, bytes);
    }

    private static void WriteOnCuda(CudaStream stream, bool isEmpty, byte* source, byte* y, long bytes)
    {
        if (isEmpty)
            stream.Clear((nint)y, bytes);
        else
            stream.Copy(y, source, bytes);
    }
}
