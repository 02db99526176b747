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

    /// <summary>Enough for the runtime to compile every method for good; the graph may be small.</summary>
    private const int WarmUps = 300;

    /// <summary>Two sizes, so that a pass shows which takes more than its share in the larger one.</summary>
    private static readonly int[] Sizes = [10_000, 40_000];

    /// <param name="arguments">Paths of models to rewrite; none for residual networks of two sizes.</param>
    /// <param name="output">Gets a Markdown table.</param>
    public static int Run(string[] arguments, TextWriter output)
    {
        output.WriteLine("# Rewriting\n");
        output.WriteLine(MachineHeader.Describe());
        output.WriteLine($"\nMilliseconds after warm-up, least and median of {Repeats}.");
        output.WriteLine("Before each step what the ones before left behind is collected.\n");
        output.WriteLine("| model | nodes | read | rewrite | write | µs of rewrite per node |");
        output.WriteLine("|---|---|---|---|---|---|");
        var warmUp = Network(nodes: 1_000);
        for (var repeat = 0; repeat < WarmUps; repeat++) Rewrite(warmUp);
        if (arguments.Length == 0)
        {
            foreach (var nodes in Sizes) Measure("residual network", Network(nodes), output);
        }
        foreach (var path in arguments)
            Measure(Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(path)))!, File.ReadAllBytes(path), output);
        return 0;
    }

    private static byte[] Network(int nodes) => ModelWriter.Write(TestModelCatalog.LargeGraph(nodes));

    private static void Measure(string name, byte[] file, TextWriter output)
    {
        var nodes = ModelReader.Read(file).Graph.Nodes.Count;
        var times = Enumerable.Range(0, Repeats).Select(_ => Rewrite(file)).ToList();
        var rewrites = times.Select(time => time.Rewrite).ToList();
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {name} | {nodes} | {Text(times.Select(time => time.Read))} | {Text(rewrites)} " +
            $"| {Text(times.Select(time => time.Write))} | {1000 * rewrites.Min() / nodes:F1} |"));
    }

    private static (double Read, double Rewrite, double Write) Rewrite(byte[] file)
    {
        var (model, read) = Time(() => ModelReader.Read(file));
        var (result, rewrite) = Time(() => TrainingGraphRewriter.Rewrite(model, new RewriteOptions()));
        var (_, write) = Time(result.ToBytes);
        return (read, rewrite, write);
    }

    private static (T Result, double Milliseconds) Time<T>(Func<T> step)
    {
        GC.Collect();
        var watch = Stopwatch.StartNew();
        var result = step();
        return (result, watch.Elapsed.TotalMilliseconds);
    }

    private static string Text(IEnumerable<double> times)
    {
        var sorted = times.Order().ToList();
        return string.Create(CultureInfo.InvariantCulture, $"{sorted[0]:F1}, {sorted[sorted.Count / 2]:F1}");
    }
}
