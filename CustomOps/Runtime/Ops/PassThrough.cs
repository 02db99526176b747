using OnnxActNN.CustomOps.Interop;

namespace OnnxActNN.CustomOps.Ops;

/// <summary>The output that is its operator's first input: what ties the operator into the forward pass.</summary>
internal static unsafe class PassThrough
{
    /// <summary>
    /// Writes the output. It costs nothing where ONNX Runtime honoured the alias; else it is a counted copy.
    /// </summary>
    public static void Write(OrtKernelContext context, int output, OrtTensor x)
    {
        var y = context.Output(output, x.Dimensions);
        if (y.Data == x.Data) return;
        var bytes = checked(x.Count * OrtElementTypes.BytesOf(x.ElementType));
        if (bytes == 0) return;
        if (context.Cuda is { } stream)
            stream.Copy(y.Data, x.Data, bytes);
        else
            Buffer.MemoryCopy(x.Data, y.Data, bytes, bytes);
        OperatorDiagnostics.CountPassThroughCopy(bytes);
    }
}
