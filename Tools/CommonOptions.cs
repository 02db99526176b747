using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Training.Prediction;

namespace OnnxActNN.Tools;

/// <summary>Options that several verbs share.</summary>
internal static class CommonOptions
{
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

    private static Dictionary<string, long> ParseDimensions(ArgumentResult result)
    {
        var sizes = new Dictionary<string, long>();
        foreach (var token in result.Tokens)
        {
            if (token.Value.Split('=') is [{ Length: > 0 } name, var digits]
                && long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var size))
                sizes[name] = size;
            else
                result.AddError($"--dim takes NAME=SIZE, as batch=8; '{token.Value}' is not that.");
        }
        return sizes;
    }
}
