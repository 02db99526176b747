using System.Runtime.InteropServices;
using FluentAssertions;
using OnnxActNN.CustomOps.Interop;
using OnnxActNN.CustomOps.Ops;
using OnnxActNN.Format;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Testing;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Interop;

/// <summary>One binary for all releases: the operators on native libraries from 1.16 on, through the C API.</summary>
[Collection(SessionCollection.Name)]
public sealed unsafe class OlderRuntimeTests
{
    [Theory]
    [InlineData("1.16.3", 1)]
    [InlineData("1.17.3", 1)]
    [InlineData("1.18.0", 0)]
    public void In_process_they_work_and_the_alias_holds_from_1_18(string release, int copies)
    {
        var apiBase = Load(release);
        var domain = new OperatorDomain(apiBase->GetApi(), OperatorSchema.Domain, OperatorTable.All, cuda: null);
        using var session = new NativeSession(apiBase, OperatorGraph.PackUnpack(DataType.Float), domain.AddTo);
        var before = OperatorDiagnostics.PassThroughCopies;
        CheckRun(session);
        (OperatorDiagnostics.PassThroughCopies - before).Should().Be(copies);
    }

    [Theory]
    [InlineData("1.16.3")]
    [InlineData("1.17.3")]
    [InlineData("1.18.0")]
    public void As_a_shared_library_they_work(string release)
    {
        var apiBase = Load(release);
        var register = LibraryEntry();
        var api = apiBase->GetApi();
        using var session = new NativeSession(
            apiBase,
            OperatorGraph.PackUnpack(DataType.Float),
            options => OrtStatus.ThrowIfError(api, register(options, apiBase)));
        CheckRun(session);
    }

    [Fact]
    public void Before_1_16_the_error_says_which_release_is_needed()
    {
        var apiBase = Load("1.15.1");
        var open = () => apiBase->GetApi();
        open.Should().Throw<OperatorException>().WithMessage("*1.15.1*1.16*");
        var register = LibraryEntry();
        OrtStatus.TakeError(apiBase->GetOldestApi(), register(0, apiBase)).Should()
            .Match("libonnxactnn: *1.15.1*1.16*");
    }

    [Theory]
    [InlineData("1.19.2", 19)]
    [InlineData("1.31.1", 31)]
    [InlineData("1.20.0-dev", 20)]
    [InlineData("nonsense", 0)]
    [InlineData("1", 0)]
    public void The_version_is_read_from_the_release(string release, uint version) =>
        OrtApiBase.ApiVersionOf(release).Should().Be(version);

    private static void CheckRun(NativeSession session)
    {
        var outputs = session.Run(Sample.X, Sample.Dimensions, "packed", "next", "y");
        outputs[0].Should().Equal(Sample.Packed);
        MemoryMarshal.Cast<byte, float>(outputs[1]).ToArray().Should().Equal(Sample.X);
        MemoryMarshal.Cast<byte, float>(outputs[2]).ToArray().Should().Equal(Sample.Unpack(Sample.Packed));
    }

    private static delegate* unmanaged<nint, OrtApiBase*, nint> LibraryEntry() =>
        (delegate* unmanaged<nint, OrtApiBase*, nint>)NativeLibrary.GetExport(
            NativeLibrary.Load(OperatorLibraryFile.Path), "RegisterCustomOps");

    private static OrtApiBase* Load(string release)
    {
        Assert.SkipUnless(
            OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64,
            "older releases are fetched for x64 Linux");
        var library = NativeLibrary.Load(OlderRuntime.PathOf(release));
        var apiBase = ((delegate* unmanaged<OrtApiBase*>)NativeLibrary.GetExport(library, "OrtGetApiBase"))();
        apiBase->VersionString.Should().Be(release);
        return apiBase;
    }
}
