using System.IO.Compression;
using System.Xml.Linq;
using FluentAssertions;
using OnnxActNN.Testing;
using Xunit;

namespace OnnxActNN.EndToEnd.Tests.Packaging;

/// <summary>What <c>dotnet pack</c> makes can be installed from a folder, and works there.</summary>
public sealed class PackageTests : IDisposable
{
    /// <summary>Built already, by ./test.</summary>
    private static readonly string[] Projects = ["CustomOps/Format", "CustomOps/Runtime", "Rewriter", "Training"];

    private readonly TempFolder _folder = new();

    [Fact]
    public void The_tool_installs_from_a_folder_and_runs()
    {
        Pack("Tools", "--no-build");
        using (var package = ZipFile.OpenRead(_folder.PathTo("OnnxActNN.Tools.0.1.0.nupkg")))
        {
            package.Entries.Should()
                .NotContain(entry => entry.FullName.Contains("/android/") || entry.FullName.Contains("/ios/"))
                .And.Contain(
                    entry => entry.FullName.EndsWith("linux-x64/native/libonnxruntime.so", StringComparison.Ordinal));
        }
        var tools = _folder.PathTo("tools", "onnxactnn");
        var install = ChildProcess.Run(
            "dotnet",
            ["tool", "install", "OnnxActNN.Tools", "--tool-path", Path.GetDirectoryName(tools)!, "--configfile",
            Config()], seconds: 600);
        install.ExitCode.Should().Be(0, install.ToString());
        var version = ChildProcess.Run(tools, ["--version"]);
        version.Output.Should().StartWith("0.1.0", version.ToString());
        var demo = ChildProcess.Run(tools, ["demo", "--epochs", "1"]);
        demo.ExitCode.Should().Be(0, demo.ToString());
        demo.Output.Should().Contain("float32");
    }

    [Fact]
    public void Libraries_state_the_oldest_managed_layer_they_work_with()
    {
        foreach (var project in Projects) Pack(project, "--no-build");
        Directory.GetFiles(_folder.Path, "*.nupkg").Select(Path.GetFileName).Should().BeEquivalentTo(
            "OnnxActNN.Format.0.1.0.nupkg", "OnnxActNN.CustomOps.0.1.0.nupkg", "OnnxActNN.Rewriter.0.1.0.nupkg",
            "OnnxActNN.Training.0.1.0.nupkg");
        Dependencies("OnnxActNN.CustomOps")["Microsoft.ML.OnnxRuntime.Managed"].Should().Be("1.19.2");
        Dependencies("OnnxActNN.Rewriter").Keys.Should().BeEquivalentTo("OnnxActNN.Format", "Google.Protobuf");
        Dependencies("OnnxActNN.Training").Keys.Should()
            .Contain(["OnnxActNN.Rewriter", "OnnxActNN.CustomOps"]).And.NotContain("Microsoft.ML.OnnxRuntime");
    }

    [Fact]
    public void The_native_package_holds_the_library_where_dotnet_looks_for_it()
    {
        OperatorLibraryFile.RequireLinker();
        Pack("CustomOps/Native");
        using var package = ZipFile.OpenRead(_folder.PathTo("OnnxActNN.Native.0.1.0.nupkg"));
        package.Entries.Select(entry => entry.FullName).Where(name => name.EndsWith(".so", StringComparison.Ordinal))
            .Should().BeEquivalentTo(
            "runtimes/linux-x64/native/libonnxactnn.so", "runtimes/linux-x64/native/libonnxactnn.avx2.so",
            "runtimes/linux-x64/native/libonnxactnn.avx512.so");
        package.Entries.Should().NotContain(entry => entry.FullName.EndsWith(".dll", StringComparison.Ordinal));
        Dependencies("OnnxActNN.Native").Should().BeEmpty();
    }

    public void Dispose() => _folder.Dispose();

    private void Pack(string project, params string[] options)
    {
        var pack = RepositoryBuild.Run("pack", project, ["-o", _folder.Path, .. options]);
        pack.ExitCode.Should().Be(0, pack.ToString());
    }

    /// <summary>
    /// A feed of this folder alone, and a cache of its own: no other package of that name can be taken.
    /// </summary>
    private string Config()
    {
        var path = _folder.PathTo("nuget.config");
        new XDocument(new XElement(
            "configuration",
            new XElement(
                "config", new XElement(
                    "add", new XAttribute("key", "globalPackagesFolder"),
                    new XAttribute("value", _folder.PathTo("cache", "x")))),
            new XElement(
                "packageSources", new XElement("clear"),
                new XElement("add", new XAttribute("key", "folder"), new XAttribute("value", _folder.Path)))))
            .Save(path);
        return path;
    }

    private Dictionary<string, string> Dependencies(string package)
    {
        using var archive = ZipFile.OpenRead(_folder.PathTo($"{package}.0.1.0.nupkg"));
        using var stream =
            archive.Entries.Single(entry => entry.FullName.EndsWith(".nuspec", StringComparison.Ordinal)).Open();
        return XDocument.Load(stream).Descendants().Where(element => element.Name.LocalName == "dependency")
            .ToDictionary(element => element.Attribute("id")!.Value, element => element.Attribute("version")!.Value);
    }
}
