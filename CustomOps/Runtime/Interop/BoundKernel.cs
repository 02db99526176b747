namespace OnnxActNN.CustomOps.Interop;

/// <summary>A kernel with the node it was made for, which error messages name.</summary>
internal sealed class BoundKernel(OrtApi api, string place, IOperatorKernel kernel)
{
    /// <summary>Runs the kernel once; the result is a status for ONNX Runtime, 0 for success.</summary>
    public nint Compute(nint context)
    {
        try
        {
            kernel.Compute(new OrtKernelContext(api, context));
            return 0;
        }
        catch (Exception error)
        {
            return OrtStatus.FromException(api, error, place);
        }
    }
}
