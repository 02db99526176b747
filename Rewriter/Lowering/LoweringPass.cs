using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.Diagnostics;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Shapes;

namespace OnnxActNN.Rewriter.Lowering;

/// <summary>Replaces every operator that only ONNX Runtime's training build has by standard ones.</summary>
/// <remarks>
/// 1. A node with a recipe is replaced by what the recipe writes, in its place.
/// 2. A training operator without a recipe, or a node its recipe does not cover, is a problem; all are reported at
/// once.
/// 3. The standard operator set is raised to what the recipes used.
/// </remarks>
internal static class LoweringPass
{
    /// <summary>Below it BatchNormalization means something else in training, and axes are attributes.</summary>
    public const long LowestOpset = 14;

    /// <param name="model">The model; half lowered if this throws.</param>
    /// <param name="split">The graph's halves; null where no tensor counts as saved.</param>
    /// <param name="kept">Operators that stay; null for none.</param>
    /// <returns>Replaced nodes by operator.</returns>
    /// <exception cref="LoweringException">Some nodes cannot be lowered.</exception>
    /// <exception cref="UnsupportedGraphException">The graph's operator set is too old.</exception>
    public static SortedDictionary<string, int> Apply(
        Model model, ForwardBackwardSplit? split, IReadOnlySet<OperatorId>? kept = null)
    {
        if (model.Opset < LowestOpset)
            throw new UnsupportedGraphException(
                $"lowering needs opset {LowestOpset} or later; this graph has {model.Opset}. Export it again.");
        var types = ShapeInference.Infer(model);
        var replaced = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var problems = new List<string>();
        var opset = model.Opset;
        foreach (var node in model.Graph.Nodes.ToList())
        {
            if (!TrainingOperators.Contains(node.Operator) || model.Functions.Contains(node.Operator)) continue;
            if (kept?.Contains(node.Operator) == true) continue;
            if (Replace(node, model, types, split) is { } reason)
            {
                problems.Add($"{node}: {reason}"); // Rule 2.
                continue;
            }
            var name = node.Operator.ToString();
            replaced[name] = replaced.GetValueOrDefault(name) + 1;
            opset = Math.Max(opset, RecipeTable.Find(node.Operator)!.Opset);
        }
        if (problems.Count > 0) throw new LoweringException(problems);
        model.OpsetImports[""] = opset; // Rule 3.
        return replaced;
    }

    /// <summary>Rule 1; tells why not, where it cannot.</summary>
    private static string? Replace(Node node, Model model, InferredTypes types, ForwardBackwardSplit? split)
    {
        if (node.Operator == TrainingOperators.Accumulator)
            return "its buffer is no graph input '..._grad.accumulation.buffer', or its result is read in the graph";
        if (RecipeTable.Find(node.Operator) is not { } recipe) return "there is no recipe for this operator";
        var writer = new NodeWriter(model.Graph, node, types, model.Opset, split);
        try
        {
            recipe.Write(writer);
            writer.Finish();
            return null;
        }
        catch (RecipeException problem)
        {
            return problem.Message;
        }
    }
}
