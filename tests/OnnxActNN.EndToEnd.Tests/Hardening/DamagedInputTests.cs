using System.Text;
using CsCheck;
using FluentAssertions;
using OnnxActNN.Rewriter.Diagnostics;
using OnnxActNN.Testing;
using OnnxActNN.Training.Data;
using OnnxActNN.Training.Feeds;
using OnnxActNN.Training.Measurement;
using Xunit;

namespace OnnxActNN.EndToEnd.Tests.Hardening;

/// <summary>
/// Damaged files of samples, entries and ONNX Runtime's profiles are read or refused with an error of our own kind.
/// </summary>
public sealed class DamagedInputTests : IDisposable
{
    private const int Files = 2000;

    private readonly TempFolder _folder = new();

    public static TheoryData<string> Kinds => [.. Readers.Keys];

    private static Dictionary<string, (byte[] Sound, Action<string> Read)> Readers { get; } = new()
    {
        ["samples.idx"] =
            ([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, .. Enumerable.Range(0, 24).Select(i => (byte)i)],
            path => IdxFile.Read(path)),
        ["samples.idx.gz"] =
            (Zip([0, 0, 8, 1, 0, 0, 0, 9, .. Enumerable.Range(0, 9).Select(i => (byte)i)]), path => IdxFile.Read(path)),
        ["x.npy"] = (Npy(), path => NpyFile.Read(path)),
        ["table.csv"] = (Encoding.UTF8.GetBytes("a,label,b\n1,0,2.5\n3,1,-4e3\n5,2,0.1\n"), path => CsvFile.Read(path)),
        ["entry.json"] = (Encoding.UTF8.GetBytes(Entry), path => ZooEntry.ReadFile(path)),
        ["profile.json"] = (Encoding.UTF8.GetBytes(Profile), path => ExecutionProfile.ReadFile(path)),
    };

    private const string Entry = """
        {"name":"e","runs":true,"dropout":false,"loss_output":"loss","inputs":[
        {"name":"x","dtype":"float32","shape":["batch",4],"example_shape":[2,4],"formula":"float"},
        {"name":"y","dtype":"int64","shape":["batch"],"example_shape":[2],"formula":"label","mod":10}],
        "symbolic_dims_in_the_example":{"batch":2}}
        """;

    private const string Profile = """
        [{"cat":"Node","dur":12,"name":"a_kernel_time","args":{"op_name":"Conv","input_type_shape":[{"float":[2,3,4]}],
        "output_type_shape":[{"float":[2,3]},{"int64":[7]}]}},
        {"cat":"Node","dur":3,"name":"b_kernel_time","args":{"op_name":"Relu"}},
        {"cat":"Session","dur":30,"name":"model_run","args":{}}]
        """;

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Damaged_files_are_read_or_refused(string kind)
    {
        var (sound, read) = Readers[kind];
        var path = _folder.PathTo(kind);
        var (isRead, isRefused) = (0, 0);
        File.WriteAllBytes(path, sound);
        read(path);
        Mutation.Of(sound, sound).Sample(
            bytes =>
            {
                File.WriteAllBytes(path, bytes);
                try
                {
                    read(path);
                    isRead++;
                }
                catch (OnnxActNNException)
                {
                    isRefused++;
                }
            },
            iter: Files, threads: 1);
        isRefused.Should().BeGreaterThan(Files / 20, "{0} of {1} were read", isRead, Files);
    }

    public void Dispose() => _folder.Dispose();

    private static byte[] Npy()
    {
        var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }";
        header = header.PadRight(117) + "\n";
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. Encoding.Latin1.GetBytes(header), .. new byte[48]];
    }

    private static byte[] Zip(byte[] content)
    {
        using var zipped = new MemoryStream();
        using (var stream = new System.IO.Compression.GZipStream(
            zipped, System.IO.Compression.CompressionLevel.Fastest))
            stream.Write(content);
        return zipped.ToArray();
    }
}
