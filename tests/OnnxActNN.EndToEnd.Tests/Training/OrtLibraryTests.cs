using FluentAssertions;
using OnnxActNN.Testing;
using OnnxActNN.Training.Runtime;
using Xunit;

namespace OnnxActNN.EndToEnd.Tests.Training;

/// <summary>The native library is chosen once, and wrong choices say what to do.</summary>
public sealed class OrtLibraryTests
{
    [Fact]
    public void The_test_process_runs_on_the_release_that_trains()
    {
        TrainingRuntime.Require();
        OrtLibrary.Version.Should().Be("1.19.2");
        OrtLibrary.HasTraining.Should().BeTrue();
        Microsoft.ML.OnnxRuntime.OrtEnv.Instance().GetVersionString().Should().Be(OrtLibrary.Version);
    }

    [Fact]
    public void Choosing_the_same_again_is_no_error()
    {
        TrainingRuntime.Require();
        OrtLibrary.Use(TrainingRuntime.Folder);
        OrtLibrary.Use(Path.Combine(TrainingRuntime.Folder, "native"));
        OrtLibrary.ChosenPath.Should().StartWith(TrainingRuntime.Folder);
    }

    [Fact]
    public void A_missing_library_is_named()
    {
        var choosing = () => OrtLibrary.Use("/no/such/folder");
        choosing.Should().Throw<OrtLibraryException>().WithMessage("*/no/such/folder*");
    }

    [Fact]
    public void A_second_library_comes_too_late()
    {
        TrainingRuntime.Require();
        var other = Path.GetTempFileName();
        var choosing = () => OrtLibrary.Use(other);
        choosing.Should().Throw<OrtLibraryException>().WithMessage("*comes too late*");
        File.Delete(other);
    }
}
