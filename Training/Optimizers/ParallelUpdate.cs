using OnnxActNN.Training.Sessions;

namespace OnnxActNN.Training.Optimizers;

/// <summary>
/// Visits all elements of a layout in parts that fit the cache, by several threads where there are many.
/// </summary>
internal sealed class ParallelUpdate
{
    /// <summary>Elements that are worth a thread: with five arrays about a megabyte of traffic.</summary>
    private const int ElementsPerTask = 1 << 16;

    private readonly ParallelOptions _options;
    private readonly List<(int Offset, int Length)> _tasks = [];

    /// <param name="layout">The elements; padding is not visited.</param>
    /// <param name="threads">Most threads; 0 for one per core.</param>
    public ParallelUpdate(TensorLayout layout, int threads)
    {
        _options = new ParallelOptions { MaxDegreeOfParallelism = threads > 0 ? threads : Environment.ProcessorCount };
        foreach (var tensor in layout.Tensors)
        {
            for (var start = 0; start < tensor.Length; start += ElementsPerTask)
                _tasks.Add((tensor.Offset + start, Math.Min(ElementsPerTask, tensor.Length - start)));
        }
    }

    /// <summary>Parts in their order, for results that must not depend on the number of threads.</summary>
    public int Tasks => _tasks.Count;

    /// <summary>Calls the action with offset and length of each part.</summary>
    public void Run(Action<int, int> action) => RunTasks(task =>
    {
        var (offset, length) = _tasks[task];
        for (var start = 0; start < length; start += OptimizerPart.LargestLength)
            action(offset + start, Math.Min(OptimizerPart.LargestLength, length - start));
    });

    /// <summary>
    /// Calls the action with number, offset and length of each task, whose parts are not cut further.
    /// </summary>
    public void RunTasks(Action<int, int, int> action) =>
        RunTasks(task => action(task, _tasks[task].Offset, _tasks[task].Length));

    private void RunTasks(Action<int> run)
    {
        if (_tasks.Sum(task => (long)task.Length) <= ElementsPerTask)
        {
            for (var task = 0; task < _tasks.Count; task++) run(task);
            return;
        }
        Parallel.For(0, _tasks.Count, _options, run);
    }
}
