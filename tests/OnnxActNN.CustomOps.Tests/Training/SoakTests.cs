using FluentAssertions;
using OnnxActNN.CustomOps.Tests.Interop;
using OnnxActNN.Rewriter;
using OnnxActNN.Testing;
using OnnxActNN.Training;
using OnnxActNN.Training.Measurement;
using Xunit;
using TrainingSession = OnnxActNN.Training.TrainingSession;

namespace OnnxActNN.CustomOps.Tests.Training;

/// <summary>Training for long takes no more memory than training for a while; the benchmarks' <c>soak</c> goes on for longer.</summary>
[Collection(SessionCollection.Name)]
public sealed class SoakTests(ITestOutputHelper output)
{
    private const int WarmUp = 100;
    private const int Steps = 1000;

    /// <summary>Of managed memory, after full collections: 1,000 steps that kept one small object each would hold more.</summary>
    private const long ManagedSlack = 24_000;

    /// <summary>Of resident memory: pages that allocators keep. A step's tensors are many times that in 1,000 steps.</summary>
    private const long ResidentSlack = 12_000_000;

    [Fact]
    public void A_thousand_steps_hold_what_a_hundred_did()
    {
        if (!ProcessMemory.IsSupported) Assert.Skip("this system does not tell the memory of a process");
        var zoo = ZooGraph.Open("small", "lenet");
        using var session = new TrainingSession(
            zoo.Folder, new TrainingSessionOptions { Rewrite = new RewriteOptions(), Session = SessionTraining.OneThread });
        session.Train(zoo, WarmUp);
        var (managed, resident) = (GC.GetTotalMemory(forceFullCollection: true), ProcessMemory.Resident);

        session.Train(zoo, Steps).Should().OnlyContain(loss => double.IsFinite(loss));

        var (managedAfter, residentAfter) = (GC.GetTotalMemory(forceFullCollection: true), ProcessMemory.Resident);
        output.WriteLine($"managed {managed} to {managedAfter}, resident {resident} to {residentAfter} bytes");
        (managedAfter - managed).Should().BeLessThan(ManagedSlack);
        (residentAfter - resident).Should().BeLessThan(ResidentSlack);
    }
}
