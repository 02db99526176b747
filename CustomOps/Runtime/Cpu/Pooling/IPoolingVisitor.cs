namespace OnnxActNN.CustomOps.Cpu.Pooling;

/// <summary>What is done with each window of a plane; a struct, so that it is compiled into the walk.</summary>
internal interface IPoolingVisitor
{
    /// <param name="window">The window's number in the plane.</param>
    /// <param name="patch">What it covers.</param>
    public void Visit(long window, in PoolingPatch patch);
}
