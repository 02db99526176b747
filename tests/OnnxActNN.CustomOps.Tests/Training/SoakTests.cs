using FluentAssertions;
using OnnxActNN.Rewriter;
using OnnxActNN.Testing;
using OnnxActNN.Training;
using OnnxActNN.Training.Measurement;
using Xunit;
using TrainingSession = OnnxActNN.Training.TrainingSession;

namespace OnnxActNN.CustomOps.Tests.Training;

/// <summary>
/// Training for long takes no more memory than training for a while; the benchmarks' <c>soak</c> goes on for longer.
/// </summary>
[Collection(MemoryCollection.Name)]
public sealed class SoakTests(ITestOutputHelper output)
{
    private const int WarmUp = 100;
    private const int Steps = 1000;

    /// <summary>
    /// Of managed memory, after full collections: the losses are 16 kB; one kept output a step would be over 100 kB.
    /// </summary>
    private const long ManagedSlack = 64_000;

    /// <summary>
    /// Of resident memory: pages that allocators keep. A kept copy of the parameters a step would be over 200 MB.
    /// </summary>
    private const long ResidentSlack = 24_000_000;

    [Fact]
    public void A_thousand_steps_hold_what_a_hundred_did()
    {
        if (!ProcessMemory.IsSupported) Assert.Skip("this system does not tell the memory of a process");
        ProcessMemory.PreferMappings();
        var zoo = ZooGraph.Open("small", "lenet");
        using var session = new TrainingSession(
            zoo.Folder,
            new TrainingSessionOptions { Rewrite = new RewriteOptions(), Session = SessionTraining.OneThread });
        session.Train(zoo, WarmUp);
        var (managed, resident) = (GC.GetTotalMemory(forceFullCollection: true), ProcessMemory.Resident);

        session.Train(zoo, Steps).Should().OnlyContain(loss => double.IsFinite(loss));

        var (managedAfter, residentAfter) = (GC.GetTotalMemory(forceFullCollection: true), ProcessMemory.Resident);
        output.WriteLine($"managed {managed} to {managedAfter}, resident {resident} to {residentAfter} bytes");
        (managedAfter - managed).Should().BeLessThan(ManagedSlack);
        (residentAfter - resident).Should().BeLessThan(ResidentSlack);
    }
}
