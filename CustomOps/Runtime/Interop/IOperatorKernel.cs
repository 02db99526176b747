namespace OnnxActNN.CustomOps.Interop;

/// <summary>An operator at one node of one session. Sessions may run it on several threads at once.</summary>
internal interface IOperatorKernel
{
    /// <summary>
    /// One run: reads the inputs, writes the outputs. What it throws becomes the error of the session's run.
    /// </summary>
    public void Compute(OrtKernelContext context);
}
