using FluentAssertions;
using OnnxActNN.CustomOps.Ops;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Cuda;

public sealed class CudaOperatorTests
{
    [Fact]
    public void Each_operator_runs_on_CUDA() => OperatorTable.All
        .Where(definition => !definition.RunsOnCuda).Select(definition => definition.Name).Should().BeEmpty();
}
