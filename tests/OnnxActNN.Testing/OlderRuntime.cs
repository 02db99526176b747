using System.ComponentModel;
using System.Formats.Tar;
using System.IO.Compression;
using Xunit;

namespace OnnxActNN.Testing;

/// <summary>
/// Native libraries of older ONNX Runtime releases, as the npm packages of onnxruntime-node carry them.
/// </summary>
internal static class OlderRuntime
{
    /// <summary>
    /// The library file of a release, for x64 Linux. Skips the running test where npm or its registry is out of reach.
    /// </summary>
    public static string PathOf(string release)
    {
        var member = $"package/bin/napi-v3/linux/x64/libonnxruntime.so.{release}";
        var folder = PreparedFolder.Get($"ort-{release}", folder =>
        {
            Download(release, folder);
            Extract(Path.Combine(folder, $"onnxruntime-node-{release}.tgz"), member, folder);
        });
        return Path.Combine(folder, Path.GetFileName(member));
    }

    private static void Download(string release, string folder)
    {
        try
        {
            var pack = ChildProcess.Run(
                "npm",
                [
                    "pack", $"onnxruntime-node@{release}", "--pack-destination", folder, "--fetch-retries=0",
                    "--fetch-timeout=60000",
                ]);
            Assert.SkipUnless(pack.ExitCode == 0, $"npm does not give onnxruntime-node {release}: {pack.Errors}");
        }
        catch (Win32Exception)
        {
            Assert.Skip($"ONNX Runtime {release} comes from npm, which is not installed.");
        }
    }

    private static void Extract(string archive, string member, string folder)
    {
        using var reader = new TarReader(new GZipStream(File.OpenRead(archive), CompressionMode.Decompress));
        while (reader.GetNextEntry() is { } entry)
        {
            if (entry.Name == member)
                entry.ExtractToFile(Path.Combine(folder, Path.GetFileName(member)), overwrite: true);
        }
    }
}
