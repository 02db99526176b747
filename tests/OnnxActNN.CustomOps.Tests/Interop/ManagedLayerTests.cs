using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using FluentAssertions;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Interop;

/// <summary>
/// The libraries are built with a new managed layer of ONNX Runtime and must load beside one of 1.19.2.
/// </summary>
public sealed class ManagedLayerTests
{
    [Theory]
    [InlineData("OnnxActNN.CustomOps")]
    [InlineData("OnnxActNN.Training")]
    public void A_library_asks_for_no_version_of_the_managed_layer(string library)
    {
        using var file = new PEReader(File.OpenRead(Path.Combine(AppContext.BaseDirectory, library + ".dll")));
        var metadata = file.GetMetadataReader();
        var versions = metadata.AssemblyReferences.Select(metadata.GetAssemblyReference)
            .Where(reference => metadata.GetString(reference.Name) == "Microsoft.ML.OnnxRuntime")
            .Select(reference => reference.Version);
        versions.Should().Equal(new Version(0, 0, 0, 0));
    }

    [Fact]
    public void Registration_calls_nothing_of_the_managed_layer_itself()
    {
        using var file = new PEReader(File.OpenRead(typeof(SessionOptionsExtensions).Assembly.Location));
        var metadata = file.GetMetadataReader();
        var types = metadata.TypeReferences.Select(metadata.GetTypeReference)
            .Where(type => metadata.GetString(type.Namespace).StartsWith("Microsoft.ML", StringComparison.Ordinal))
            .Select(type => metadata.GetString(type.Name));
        types.Should().Equal("SessionOptions");
    }
}
