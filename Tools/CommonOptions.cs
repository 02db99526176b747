using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Training.Prediction;

namespace OnnxActNN.Tools;

/// <summary>Options that several verbs share.</summary>
internal static class CommonOptions
{
    public static Argument<string> Model() => new("MODEL") { Description = "A training graph (.onnx)." };

    public static Argument<string> ModelOrFolder() => new("MODEL")
    {
        Description = "A training graph (.onnx), or a folder with training_model.onnx.",
    };

    public static Option<string> Output(string description = "File to write.") => new("--output", "-o")
    {
        Description = description,
        Required = true,
    };

    /// <summary>With a name where the command line has none.</summary>
    public static Option<string> OutputOr(string name) => new("--output", "-o")
    {
        Description = "File to write.",
        DefaultValueFactory = _ => name,
    };

    public static Option<bool> Force() => new("--force") { Description = "Replace what stands there." };

    public static Option<bool> All() => new("--all") { Description = "List every tensor, not only the largest." };

    public static Option<string?> Against() => new("--against")
    {
        Description = "A second graph to compare with, usually the rewritten one.",
    };

    public static Option<string?> Checkpoint() => new("--checkpoint")
    {
        Description = "Parameters; without it those beside the model, else drawn from the seed.",
    };

    public static Option<int> Threads() => new("--threads")
    {
        Description = "Threads within an operator; 0 for one per core.",
    };

    /// <summary>Which share of the groups is measured.</summary>
    public static Option<int> Every()
    {
        var every = new Option<int>("--every")
        {
            Description = "Measure every n-th group, in each run others.",
            DefaultValueFactory = _ => 1,
        };
        every.RequireAtLeast(1);
        return every;
    }

    public static Option<bool> Json() => new("--json") { Description = "Print JSON in place of tables." };

    public static Option<string?> Loss() => new("--loss")
    {
        Description = "Name of the loss, for step graphs whose first scalar output is something else.",
    };

    public static Option<int> OptimizerStates() => new("--optimizer-states")
    {
        Description = "Tensors that the optimizer keeps for each parameter: 2 for AdamW, 0 for SGD.",
        DefaultValueFactory = _ => 2,
    };

    public static Option<Dictionary<string, long>> Dimensions() => new("--dim")
    {
        Description = "Size of a named dimension, as batch=8; may stand several times.",
        AllowMultipleArgumentsPerToken = false,
        Arity = ArgumentArity.ZeroOrMore,
        CustomParser = ParseDimensions,
        DefaultValueFactory = _ => [],
    };

    /// <exception cref="UsageException">A named dimension of the graph's inputs has no size.</exception>
    public static void RequireSizes(Graph graph, IReadOnlyDictionary<string, long> sizes)
    {
        var open = OpenDimensions.Of(graph, sizes);
        if (open.Count > 0)
            throw new UsageException(
                $"byte counts need sizes: {string.Join(' ', open.Select(name => $"--dim {name}=8"))}");
    }

    /// <exception cref="FileNotFoundException">A file that is given is not there.</exception>
    public static void RequireFiles(params IEnumerable<string?> paths)
    {
        foreach (var path in paths.OfType<string>())
        {
            if (!File.Exists(path)) throw new FileNotFoundException($"there is no file '{path}'.", path);
        }
    }

    private static Dictionary<string, long> ParseDimensions(ArgumentResult result)
    {
        var sizes = new Dictionary<string, long>();
        foreach (var token in result.Tokens)
        {
            if (token.Value.Split('=') is [{ Length: > 0 } name, var digits]
                && long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var size)
                && size > 0)
                sizes[name] = size;
            else
                result.AddError($"--dim takes NAME=SIZE, as batch=8; '{token.Value}' is not that.");
        }
        return sizes;
    }
}
