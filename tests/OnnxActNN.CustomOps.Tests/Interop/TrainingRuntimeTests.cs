using FluentAssertions;
using OnnxActNN.Testing;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Interop;

/// <summary>The tests of sessions once more, in a process of their own, on the 1.19.2 library.</summary>
public sealed class TrainingRuntimeTests
{
    [Theory]
    [InlineData(typeof(SessionTests))]
    [InlineData(typeof(OperatorErrorTests))]
    public void Sessions_behave_the_same(Type tests)
    {
        Assert.SkipWhen(
            Environment.GetEnvironmentVariable(RuntimeUnderTest.Variable) is { Length: > 0 }, "this is that process");
        var run = ChildProcess.Run(
            Environment.ProcessPath!,
            ["--filter-class", tests.FullName!],
            new Dictionary<string, string> { [RuntimeUnderTest.Variable] = TrainingRuntime.Folder });
        run.ExitCode.Should().Be(0, run.ToString());
        run.Output.Should().Contain("failed: 0").And.MatchRegex("succeeded: [1-9]");
    }
}
