namespace OnnxActNN.CustomOps.Cpu;

/// <summary>Runs independent items on as many threads as its implementation has.</summary>
internal interface IParallelLoop
{
    /// <summary>
    /// Calls <paramref name="action"/> on ranges that cover 0 to <paramref name="count"/> once, in any order and from
    /// any thread, and returns when all are done.
    /// </summary>
    public void For(long count, RangeAction action);
}
