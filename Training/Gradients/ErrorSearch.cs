using OnnxActNN.Format;
using OnnxActNN.Rewriter;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Passes;

namespace OnnxActNN.Training.Gradients;

/// <summary>Finds the tensors whose codes make the error of some gradients.</summary>
/// <remarks>
/// What is left of the error when some packs have the finest codes there are, tells what they make of it: by halves,
/// and a half that makes next to nothing is not looked into. A session draws the same noise in its n-th run as another
/// one does, so that a few draws tell the difference. Of a product of two errors, as layer normalizations make them,
/// either tensor is a source.
/// </remarks>
internal sealed class ErrorSearch
{
    /// <summary>Tensors with less of the error are not told.</summary>
    public const double LeastShare = 0.1;

    private const int Draws = 4;

    private readonly ComparedGraphs _graphs;
    private readonly IReadOnlyList<VerifiedParameter> _parameters;
    private readonly double _error;
    private readonly List<(string Pack, double Share)> _found = [];

    private ErrorSearch(ComparedGraphs graphs, IReadOnlyList<VerifiedParameter> parameters)
    {
        (_graphs, _parameters) = (graphs, parameters);
        _error = ErrorWithout([]);
    }

    /// <summary>The tensors that make a tenth or more of the error, the worst first.</summary>
    /// <param name="graphs">What was verified.</param>
    /// <param name="parameters">The parameters whose gradients' error is to be explained.</param>
    public static IReadOnlyList<ErrorSource> Run(ComparedGraphs graphs, IReadOnlyList<VerifiedParameter> parameters)
    {
        var model = graphs.Rewritten();
        var packs = model.Graph.Nodes.Where(IsCode).ToDictionary(pack => pack.Name);
        if (packs.Count == 0) return [];
        var search = new ErrorSearch(graphs, parameters);
        search.LookInto([.. packs.Keys]);
        var saved = TrainingGraph
            .Prepare(graphs.Original(), new RewriteOptions { DerivativeCodes = packs.Values.Any(IsDerivative) })
            .Saved.ToDictionary(tensor => tensor.Value.Name);
        return [.. search._found.OrderByDescending(found => found.Share).Select(found =>
        {
            var name = PackOperators.CodedBy(packs[found.Pack], saved.ContainsKey).Name;
            return new ErrorSource(
                name, (int)packs[found.Pack].Attributes.GetInt(PackAttributes.Levels, PackAttributes.DefaultLevels),
                saved.GetValueOrDefault(name)?.ValueReaders ?? "", found.Share);
        })];
    }

    private void LookInto(IReadOnlyList<string> packs)
    {
        var share = 1 - ErrorWithout([.. packs]) / _error;
        if (!(share >= LeastShare)) return;
        if (packs.Count == 1)
        {
            _found.Add((packs[0], share));
            return;
        }
        LookInto([.. packs.Take(packs.Count / 2)]);
        LookInto([.. packs.Skip(packs.Count / 2)]);
    }

    /// <summary>The parameters' error without the noise of some packs.</summary>
    private double ErrorWithout(HashSet<string> packs)
    {
        using var pair = (_graphs with { Rewritten = Finer }).Open();
        var noise = new GradientNoise(pair.Exact);
        for (var draw = 0; draw < Draws; draw++) noise.Add(pair.Draw().Gradients);
        return _parameters.Sum(parameter => noise.ErrorOf(parameter.Name));

        Model Finer()
        {
            var model = _graphs.Rewritten();
            foreach (var pack in model.Graph.Nodes.Where(node => IsCode(node) && packs.Contains(node.Name)))
                FinestCodes.Apply(pack);
            return model;
        }
    }

    private static bool IsCode(Node node) => node.Operator == PackOperators.QuantizePack || IsDerivative(node);

    private static bool IsDerivative(Node node) => node.Operator == PackOperators.DerivativePack;
}
