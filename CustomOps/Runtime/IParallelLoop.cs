namespace OnnxActNN.CustomOps;

/// <summary>Runs independent pieces of work, on as many threads as its owner lends.</summary>
internal interface IParallelLoop
{
    /// <summary>Calls <paramref name="body"/> once for each number below <paramref name="count"/>, in any order, and waits.</summary>
    /// <remarks>What a body throws comes out of here once all threads have stopped; pieces not yet begun are then left out.</remarks>
    void Run(int count, Action<int> body);
}
