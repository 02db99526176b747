using FluentAssertions;
using OnnxActNN.CustomOps.Ops;
using OnnxActNN.Testing;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Cuda;

public sealed class CudaOperatorTests
{
    [Fact]
    public void Each_operator_runs_on_CUDA_or_the_guide_says_why_not()
    {
        var guide = File.ReadAllText(Path.Combine(SharedFolder.Repository, "docs", "cuda.md"));
        foreach (var group in OperatorTable.All.GroupBy(definition => definition.Name))
        {
            if (group.All(definition => definition.RunsOnCuda)) continue;
            guide.Should().Contain($"\n| {group.Key} | ", "the table of operators that are not on CUDA has it");
        }
    }
}
