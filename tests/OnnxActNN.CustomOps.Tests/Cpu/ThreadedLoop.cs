using OnnxActNN.CustomOps.Cpu;

namespace OnnxActNN.CustomOps.Tests.Cpu;

/// <summary>Runs each range on a thread of its own, the last range first.</summary>
internal sealed class ThreadedLoop(int threads) : IParallelLoop
{
    public void For(long count, RangeAction action)
    {
        var workers = new List<Thread>();
        for (var i = threads - 1; i >= 0; i--)
        {
            var (start, end) = (count * i / threads, count * (i + 1) / threads);
            workers.Add(new Thread(() => action(start, end)));
            workers[^1].Start();
        }

        workers.ForEach(worker => worker.Join());
    }
}
