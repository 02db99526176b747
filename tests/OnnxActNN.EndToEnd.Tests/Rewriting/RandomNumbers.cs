using Xunit;

namespace OnnxActNN.EndToEnd.Tests.Rewriting;

/// <summary>
/// ONNX Runtime draws the dropout masks of all sessions from one generator: tests that compare two runs of a graph with
/// dropout run while no other test does.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class RandomNumbers
{
    /// <summary>Name of the collection.</summary>
    public const string Name = "random numbers";
}
