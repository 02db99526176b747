using FluentAssertions;
using OnnxActNN.CustomOps.Tests.Cpu;
using OnnxActNN.Format;
using OnnxActNN.Testing;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Cuda;

/// <summary>
/// The kernels under the address and undefined-behaviour sanitizers, in a program of their own; and what these tests
/// are worth: they must find mistakes that are planted in the kernels.
/// </summary>
public sealed class SanitizedKernelTests
{
    private static readonly string[] s_sanitizers =
        ["-O1", "-g1", "-fsanitize=address,undefined", "-fno-sanitize-recover=undefined", "-fno-omit-frame-pointer"];

    public static TheoryData<PlantedFault> Faults => [.. PlantedFault.All];

    [Fact]
    public void All_kernels_give_the_recorded_bytes_and_nothing_to_complain_of()
    {
        EmulatedCuda.Require();
        using var recording = new LaunchRecording(KernelCase.All, withOthers: true);
        var program = EmulatedCuda.Prepare("replay", path => EmulatedCuda.Build(
            path, null, ["emulation.cpp", "replay.cpp", .. EmulatedCuda.KernelSources], s_sanitizers));
        var run = Replay(program, recording, fault: 0);
        run.ExitCode.Should().Be(0, run.ToString());
        run.Output.Should().MatchRegex(@"^\d{4,} launches, 0 different");
    }

    [Fact]
    public void Planted_faults_do_nothing_until_they_are_made_active()
    {
        using var recording = Float32Recording();
        Replay(ProgramWithFaults(), recording, fault: 0).ExitCode.Should().Be(0);
    }

    [Theory]
    [MemberData(nameof(Faults), DisableDiscoveryEnumeration = true)]
    public void A_planted_fault_is_found(PlantedFault fault)
    {
        using var recording = Float32Recording();
        var run = Replay(ProgramWithFaults(), recording, fault.Number);
        run.ExitCode.Should().NotBe(0);
        run.Errors.Should().Contain(fault.Symptom);
    }

    private static LaunchRecording Float32Recording()
    {
        EmulatedCuda.Require();
        return new LaunchRecording(KernelCase.All.Where(kernel => kernel.Type == ElementType.Float32));
    }

    private static string ProgramWithFaults() =>
        EmulatedCuda.Prepare($"replay-with-faults-{PlantedFault.Fingerprint}", path =>
    {
        using var folder = new TempFolder();
        EmulatedCuda.CopyKernels(folder.Path);
        PlantedFault.PlantAll(folder.Path);
        string[] sources =
        [
            "emulation.cpp", "replay.cpp", "quantize_float32.cu", "group_allocation.cu", "normalization.cu",
            "batch_normalization_in_place.cu", "layer_normalization.cu", "layer_normalization_gradient.cu",
            "softmax_cross_entropy_loss.cu", "profile.cu", "derivatives.cu", "sums.cu",
        ];
        EmulatedCuda.Build(path, folder.Path, sources, s_sanitizers);
    });

    private static ChildProcess.Result Replay(string program, LaunchRecording recording, int fault) => ChildProcess.Run(
        program, [recording.Path, $"{fault}"], new Dictionary<string, string> { ["ASAN_OPTIONS"] = "detect_leaks=0" });
}
