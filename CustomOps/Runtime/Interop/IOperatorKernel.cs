namespace OnnxActNN.CustomOps.Interop;

/// <summary>
/// An operator at one node of one session. Sessions may run it on several threads at once; one that is disposable is
/// disposed when the session closes.
/// </summary>
internal interface IOperatorKernel
{
    /// <summary>
    /// One run: reads the inputs, writes the outputs. What it throws becomes the error of the session's run.
    /// </summary>
    public void Compute(OrtKernelContext context);
}
