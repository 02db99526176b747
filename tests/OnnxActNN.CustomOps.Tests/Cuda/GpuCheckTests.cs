using System.Text.Json;
using FluentAssertions;
using OnnxActNN.GpuCheck;
using OnnxActNN.Testing;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Cuda;

public sealed class GpuCheckTests
{
    [Fact]
    public void Without_a_driver_it_ends_with_2_and_one_line()
    {
        var (output, errors) = (new StringWriter(), new StringWriter());
        GpuCheckRun.Run(["--driver", "no-such-driver.so"], output, errors).Should().Be(ExitCode.NoDriver);
        output.ToString().Should().BeEmpty();
        errors.ToString().Should().Be(
            "gpu-check: no CUDA here. no-such-driver.so was not found: the operators run on the CPU only."
            + Environment.NewLine);
    }

    [Theory]
    [InlineData("--json")]
    [InlineData("--sizes", "many")]
    [InlineData("--unknown", "1")]
    [InlineData("--provider", "tpu")]
    [InlineData("--provider", "cpu")]
    [InlineData("--batch", "0")]
    public void Arguments_that_make_no_sense_end_with_the_usage(params string[] arguments)
    {
        var errors = new StringWriter();
        GpuCheckRun.Run(arguments, TextWriter.Null, errors).Should().Be(ExitCode.Usage);
        errors.ToString().Should().Contain(CheckOptions.Usage);
    }

    [Fact]
    public void On_the_emulated_driver_the_contract_holds_and_the_report_says_so()
    {
        using var folder = new TempFolder();
        var json = folder.PathTo("report.json");
        var (output, errors) = (new StringWriter(), new StringWriter());
        GpuCheckRun.Run(["--driver", EmulatedCuda.LibraryPath, "--sizes", "", "--json", json], output, errors)
            .Should().Be(ExitCode.Success, errors.ToString());
        output.ToString().Should()
            .MatchRegex("emulation, compute capability 8.0, driver for CUDA 11.5\n.* compared .*, 0 differ");
        using var report = JsonDocument.Parse(File.ReadAllText(json));
        report.RootElement.GetProperty("contractChecks").GetInt32().Should().BeGreaterThan(10_000);
        report.RootElement.GetProperty("contractFailures").GetInt32().Should().Be(0);
    }

    [Fact]
    public void Every_kernel_is_timed_against_a_copy()
    {
        var rows = BandwidthCheck.Run(EmulatedCuda.Device, 8192);
        rows.Should().OnlyContain(row => row.GigabytesPerSecond > 0 && row.OfCopy > 0 && row.TensorBytes == 8192);
        rows.Select(row => row.Kernel).Should().OnlyHaveUniqueItems().And.Contain(
            ["copy", "pack 4 levels, BFloat16, Dither", "unpack 3 levels, zero-exact, BFloat16, Dither", "mask pack"]);
    }
}
