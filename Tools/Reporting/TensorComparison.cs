using System.Globalization;
using OnnxActNN.Format;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.Diagnostics;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Passes;
using OnnxActNN.Rewriter.Planning;
using OnnxActNN.Training.Prediction;

namespace OnnxActNN.Tools.Reporting;

/// <summary>What became of each saved tensor, read off the rewritten graph itself and not off a plan.</summary>
internal sealed class TensorComparison(Model rewritten, MemoryPrediction prediction)
{
    private readonly Dictionary<string, long> _kept =
        prediction.Saved.ToDictionary(buffer => buffer.Name, buffer => buffer.Bytes);

    /// <summary>The rows of a report without a rewritten graph: what a rewrite would do.</summary>
    public static IEnumerable<ReportedTensor> Planned(SavedTensorReport report) => report.Rows.Select(row =>
        new ReportedTensor(row, ElementBits(row), row.StoredBytes, NameOf(row.Decision), row.Reason));

    /// <summary>The rows of a report with both graphs.</summary>
    public IEnumerable<ReportedTensor> Compare(SavedTensorReport report) => report.Rows.Select(row =>
    {
        var (stored, decision, reason) = Find(row);
        return new ReportedTensor(row, ElementBits(row), stored, decision, reason);
    });

    private (long? Stored, string Decision, string Reason) Find(SavedTensorRow row)
    {
        if (rewritten.Graph.Find(row.Name) is not { } value)
            return (0, "gone", "the rewritten graph computes no such tensor");
        var packs = value.Uses.Select(use => use.Node).Where(node => PackOperators.IsOwn(node.Operator)).ToList();
        var codes = packs.SelectMany(CodesOf).Sum();
        var isKept = _kept.ContainsKey(BufferViews.Owner(value).Name);
        if (isKept)
            return (row.Bytes + codes, NameOf(StorageDecision.Exact),
                row.Decision == StorageDecision.Exact ? row.Reason : "left as it is by the rewrite");
        if (packs.Find(node => node.Operator == PackOperators.QuantizePack) is { } pack)
            return (codes, NameOf(StorageDecision.Quantize), Describe(PackAttributeReader.Read(pack)));
        if (packs.Count > 0) return (codes, NameOf(DecisionOf(packs[0].Operator)), row.Reason);
        return (0, "not kept", "the backward pass reads it no more, or computes it again");
    }

    private IEnumerable<long> CodesOf(Node pack) => pack.Outputs.OfType<Value>().Where(PackOperators.IsKept)
        .Select(output => _kept.GetValueOrDefault(output.Name));

    private static StorageDecision DecisionOf(OperatorId pack) =>
        pack == PackOperators.ShapeCarrier ? StorageDecision.Shape
        : pack == PackOperators.IndexPack || pack == PackOperators.MaxPoolIndexPack ? StorageDecision.Index
        : pack == PackOperators.DerivativePack ? StorageDecision.Quantize
        : StorageDecision.Mask;

    private static string Describe(PackFormat format)
    {
        var code = format.Width == CodeWidth.ThreeLevels ? "three levels" : $"{CodeWidths.CodeBits(format.Width)} bits";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{code}{(format.ZeroExact ? ", zero exact" : "")}, groups of at most {format.GroupSize}");
    }

    private static string NameOf(StorageDecision decision) => decision.ToString().ToLowerInvariant();

    private static int ElementBits(SavedTensorRow row) =>
        Enum.GetValues<DataType>().Where(type => type.DisplayName() == row.ElementType).Select(type => type.BitsOf())
            .FirstOrDefault();
}
