using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using OnnxActNN.CustomOps.Cpu;

namespace OnnxActNN.CustomOps.Interop;

/// <summary>A loop over the threads of the running session (KernelContext_ParallelFor).</summary>
internal sealed unsafe class OrtParallelLoop : IParallelLoop
{
    // The session does not tell how many threads it has: some pieces for each thread that it can have keep all of them
    // busy, whatever their number. Pieces of a few items are not worth waking a thread.
    private const int PiecesPerProcessor = 4;
    private const int SmallestPiece = 4;

    // Some ten microseconds of work. Below it, waking threads takes longer than they save, and on a busy machine the
    // whole step waits for one that does not get a processor.
    private const long FewestElements = 1 << 16;

    private readonly OrtApi _api;
    private readonly nint _context;

    private OrtParallelLoop(OrtApi api, nint context)
    {
        _api = api;
        _context = context;
    }

    /// <summary>
    /// The session's threads; the calling thread alone for a small tensor, and on 1.16, which does not lend them.
    /// </summary>
    public static IParallelLoop Of(OrtApi api, nint context, long elements) =>
        elements >= FewestElements && api.Version >= OrtApi.ParallelFor
            ? new OrtParallelLoop(api, context)
            : SerialLoop.Instance;

    public void For(long count, RangeAction action)
    {
        var pieces = Math.Min(count / SmallestPiece, (long)PiecesPerProcessor * Environment.ProcessorCount);
        if (pieces <= 1) SerialLoop.Instance.For(count, action);
        else Run(new Work(action, count, pieces));
    }

    private void Run(Work work)
    {
        var handle = GCHandle.Alloc(work);
        try
        {
            OrtStatus.ThrowIfError(
                _api,
                ((delegate* unmanaged<nint, delegate* unmanaged<nint, nuint, void>, nuint, nuint, nint, nint>)
                    _api[OrtApiSlot.KernelContext_ParallelFor])(
                    _context, &RunPiece, (nuint)work.Pieces, 0, GCHandle.ToIntPtr(handle)));
        }
        finally
        {
            handle.Free();
        }
        work.Failure?.Throw();
    }

    [UnmanagedCallersOnly]
    private static void RunPiece(nint work, nuint piece) => ((Work)GCHandle.FromIntPtr(work).Target!).Run((long)piece);

    /// <summary>
    /// The items cut into pieces, and the first exception that one threw: none may pass through the native loop.
    /// </summary>
    private sealed class Work(RangeAction action, long count, long pieces)
    {
        private ExceptionDispatchInfo? _failure;

        public long Pieces => pieces;

        public ExceptionDispatchInfo? Failure => _failure;

        public void Run(long piece)
        {
            if (_failure is not null) return;
            try
            {
                action(Start(piece), Start(piece + 1));
            }
            catch (Exception error)
            {
                Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(error), null);
            }
        }

        private long Start(long piece) => count / pieces * piece + Math.Min(piece, count % pieces);
    }
}
