using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace OnnxActNN.CustomOps.Interop;

/// <summary>A loop over the threads of the running session (KernelContext_ParallelFor).</summary>
internal sealed unsafe class OrtParallelLoop : IParallelLoop
{
    private readonly OrtApi _api;
    private readonly nint _context;

    private OrtParallelLoop(OrtApi api, nint context)
    {
        _api = api;
        _context = context;
    }

    /// <summary>The session's threads; on 1.16, which does not lend them, the calling thread alone.</summary>
    public static IParallelLoop For(OrtApi api, nint context) =>
        api.Version >= OrtApi.ParallelFor ? new OrtParallelLoop(api, context) : SerialLoop.Instance;

    public void Run(int count, Action<int> body)
    {
        var work = new Work(body);
        var handle = GCHandle.Alloc(work);
        try
        {
            OrtStatus.ThrowIfError(
                _api,
                ((delegate* unmanaged<nint, delegate* unmanaged<nint, nuint, void>, nuint, nuint, nint, nint>)
                    _api[OrtApiSlot.KernelContext_ParallelFor])(
                    _context, &RunOne, (nuint)count, 0, GCHandle.ToIntPtr(handle)));
        }
        finally
        {
            handle.Free();
        }
        work.Failure?.Throw();
    }

    [UnmanagedCallersOnly]
    private static void RunOne(nint userData, nuint index) => ((Work)GCHandle.FromIntPtr(userData).Target!).Run((int)index);

    /// <summary>The body, and the first exception it threw: none may pass through the native loop.</summary>
    private sealed class Work(Action<int> body)
    {
        private ExceptionDispatchInfo? _failure;

        public ExceptionDispatchInfo? Failure => _failure;

        public void Run(int index)
        {
            if (_failure is not null) return;
            try
            {
                body(index);
            }
            catch (Exception error)
            {
                Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(error), null);
            }
        }
    }
}
