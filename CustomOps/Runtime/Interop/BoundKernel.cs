using OnnxActNN.CustomOps.Cuda;

namespace OnnxActNN.CustomOps.Interop;

/// <summary>A kernel with the node it was made for, which error messages name.</summary>
internal sealed class BoundKernel(OrtApi api, string place, IOperatorKernel kernel, CudaKernels? cuda) : IDisposable
{
    /// <summary>Runs the kernel once; the result is a status for ONNX Runtime, 0 for success.</summary>
    public nint Compute(nint context)
    {
        try
        {
            kernel.Compute(new OrtKernelContext(api, context, cuda));
            return 0;
        }
        catch (Exception error)
        {
            return OrtStatus.FromException(api, error, place);
        }
    }

    /// <summary>
    /// Ends a kernel that has something to end. What it throws stays here: ONNX Runtime takes no error at this point.
    /// </summary>
    public void Dispose()
    {
        try
        {
            (kernel as IDisposable)?.Dispose();
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"{place}: {problem.Message}");
        }
    }
}
