using BenchmarkDotNet.Running;
using OnnxActNN.Benchmarks.Kernels;
using OnnxActNN.Benchmarks.Planning;
using OnnxActNN.Benchmarks.Rewriting;
using OnnxActNN.Benchmarks.Training;
using OnnxActNN.Benchmarks.Zoo;

// One line a verb; each verb takes its own arguments and gives the exit code.
return args switch
{
    ["kernels", .. var rest] => KernelsVerb.Run(rest, Console.Out),
    ["rewrite", .. var rest] => RewriteVerb.Run(rest, Console.Out),
    ["session", .. var rest] => SessionVerb.Run(rest, Console.Out),
    ["soak", .. var rest] => SoakVerb.Run(rest, Console.Out),
    ["sensitivity", .. var rest] => SensitivityVerb.Run(rest, Console.Out),
    [NativeSteps.Verb, .. var rest] => NativeSteps.Serve(rest, Console.In, Console.Out),
    ["fashion-mnist", .. var rest] => FashionVerb.Run(rest, Console.Out),
    ["allocation", .. var rest] => AllocationVerb.Run(rest, Console.Out),
    ["widths", .. var rest] => WidthsVerb.Run(rest, Console.Out),
    ["ablation", .. var rest] => AblationVerb.Run(rest, Console.Out),
    ["peak", .. var rest] => PeakVerb.Run(rest, Console.Out),
    ["profile-cost", .. var rest] => ProfileCostVerb.Run(rest, Console.Out),
    ["zoo", .. var rest] => ZooVerb.Run(rest, Console.Out),
    [ZooVerb.ChildVerb] => ZooVerb.MeasureOne(Console.In, Console.Out),
    ["benchmark", .. var rest] => RunBenchmarkDotNet(rest),
    _ => Usage(),
};

static int RunBenchmarkDotNet(string[] arguments)
{
    BenchmarkSwitcher.FromAssembly(typeof(KernelsVerb).Assembly).Run(arguments);
    return 0;
}

static int Usage()
{
    Console.Error.WriteLine("""
        usage: kernels [--mib N] [--repeat N] [--rows TEXT] [--output FOLDER]
                   pack and unpack against the memory's bandwidth
               rewrite [MODEL...]
                   rewriting, from bytes to bytes; without models graphs of 10,000 and 40,000 nodes
               session --entry FOLDER [--native FOLDER] [--batch N] [--steps N] [--threads N] [--arena off]
                   training steps of ours beside those of ONNX Runtime 1.19.2
               soak ENTRY STEPS
                   memory over many steps of a packed model
               sensitivity FOLDER...
                   predicted and measured variance of each saved tensor of zoo entries
               fashion-mnist --data FOLDER --models FOLDER --csv FILE [--samples N] [--bits LIST] [--planned LIST]
                   [--per-group LIST]
                   accuracy and peak of classifiers in float32 and packed
               ablation --data FOLDER --model FOLDER [--steps N] [--bits LIST] [--rebuild None|Affine|Chain]
                   gradient error of uniform and planned bits on a network that was trained some steps
               allocation FOLDER...
                   gradient error of planned levels against uniform 2 bits, at equal bytes
               widths FOLDER...
                   gradient error of widths per tensor, per group and per sample, at equal bytes
               peak FOLDER...
                   ten peak budgets and the peaks measured under them
               profile-cost FOLDER... [--batch N] [--rounds N] [--every LIST]
                   time of a step with and without the nodes that measure
               zoo --models FOLDER --csv FILE [--native FOLDER] [--names A,B] [--what all|peaks|times] [--small N]
                   [--large N]
                   saved bytes, peaks and step times of all graphs, original and rewritten
               benchmark [arguments of BenchmarkDotNet]
                   the same kernels, one at a time, in processes of their own
        """);
    return 2;
}
