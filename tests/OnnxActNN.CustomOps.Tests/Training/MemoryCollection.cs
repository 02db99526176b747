using Xunit;

namespace OnnxActNN.CustomOps.Tests.Training;

/// <summary>
/// The memory of the process is that of all tests in it: those that compare it run while no other does.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class MemoryCollection
{
    public const string Name = "memory of the process";
}
