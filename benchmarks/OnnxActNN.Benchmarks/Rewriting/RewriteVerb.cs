using System.Diagnostics;
using System.Globalization;
using OnnxActNN.Rewriter;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.TestModels;

namespace OnnxActNN.Benchmarks.Rewriting;

/// <summary>
/// <c>rewrite</c>: how long a rewrite takes, from the bytes of a file to the bytes of the rewritten one, step by step.
/// </summary>
internal static class RewriteVerb
{
    private const int Repeats = 15;

    /// <param name="arguments">Paths of models to rewrite; none for a residual network of 10,000 nodes.</param>
    /// <param name="output">Gets a Markdown table.</param>
    public static int Run(string[] arguments, TextWriter output)
    {
        output.WriteLine("# Rewriting\n");
        output.WriteLine(MachineHeader.Describe());
        output.WriteLine($"\nMilliseconds after warm-up, least and median of {Repeats}.\n");
        output.WriteLine("| model | nodes | read | rewrite | write |");
        output.WriteLine("|---|---|---|---|---|");
        if (arguments.Length == 0)
            Measure("residual network", ModelWriter.Write(TestModelCatalog.LargeGraph(nodes: 10_000)), output);
        foreach (var path in arguments)
            Measure(Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(path)))!, File.ReadAllBytes(path), output);
        return 0;
    }

    private static void Measure(string name, byte[] file, TextWriter output)
    {
        var (read, rewrite, write) = (new List<double>(), new List<double>(), new List<double>());
        var nodes = 0;
        for (var repeat = 0; repeat < Repeats + 3; repeat++)
        {
            GC.Collect();
            var watch = Stopwatch.StartNew();
            var model = ModelReader.Read(file);
            nodes = model.Graph.Nodes.Count;
            var atRead = watch.Elapsed;
            var result = TrainingGraphRewriter.Rewrite(model, new RewriteOptions());
            var atRewritten = watch.Elapsed;
            result.ToBytes();
            var atWritten = watch.Elapsed;
            if (repeat < 3) continue;
            read.Add(atRead.TotalMilliseconds);
            rewrite.Add((atRewritten - atRead).TotalMilliseconds);
            write.Add((atWritten - atRewritten).TotalMilliseconds);
        }
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"| {name} | {nodes} | {Text(read)} | {Text(rewrite)} | {Text(write)} |"));
    }

    private static string Text(List<double> times) =>
        string.Create(CultureInfo.InvariantCulture, $"{times.Min():F1}, {times.Order().ElementAt(times.Count / 2):F1}");
}
