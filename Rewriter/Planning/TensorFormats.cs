using OnnxActNN.Format;
using OnnxActNN.Format.Derivatives;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.Operators;
using OnnxActNN.Rewriter.Plans;

namespace OnnxActNN.Rewriter.Planning;

/// <summary>The codes that one tensor may get, by the options, the plan and the rules of its readers' kinds.</summary>
/// <param name="tensor">The tensor.</param>
/// <param name="planned">What a plan says of it; null where none does.</param>
/// <param name="options">Widths and groups for all.</param>
internal sealed class TensorFormats(SavedTensor tensor, PlannedTensor? planned, RewriteOptions options)
{
    /// <summary>What the tensor's readers ask for beyond the others'.</summary>
    public IReadOnlyList<CodeRule> Rules { get; } = options.ProbabilityCodes ? CodeRules.Of(tensor) : [];

    /// <summary>Whether one of its readers bends it, so that few bits would be a bias.</summary>
    public bool Bends { get; } = tensor.Consumers.Any(consumer => consumer.Need == Need.Nonlinear);

    /// <summary>Whether a code of what is never negative may tell zeros apart where nobody must know.</summary>
    public bool MayBeZeroExact => options.ZeroExact;

    /// <summary>The code's width where some reader of it bends the values, or none does.</summary>
    public CodeWidth WidthOfValues(bool bends)
    {
        if (PlannedWidth is { } width) return width;
        var least = bends && !options.AllowBiased ? CodeWidth.EightBits : options.Width;
        return Rules.Count == 0 || !options.LeastWidths
            ? least
            : Rules.Select(rule => rule.Least).Append(least).MaxBy(CodeWidths.Levels);
    }

    /// <summary>The code of the values.</summary>
    public PackFormat OfValues(bool bends, bool zeroExact)
    {
        var rank = tensor.Type!.Shape!.Rank;
        var groupSize = planned?.GroupSize ?? 0;
        return CodeRules.Apply(Rules, PackFormat.For(rank, WidthOfValues(bends), zeroExact) with
        {
            GroupAxis = GroupAxis.Of(tensor.Value, rank),
            GroupSize = groupSize > 0 ? groupSize : options.GroupSize,
            Layout = options.Layout,
            Metadata = groupSize > 0 ? MetadataFormat.EightBits : options.Metadata,
            Rounding = options.Rounding,
            Shares = PlannedShares,
            Order = planned?.WidthOrder ?? WidthOrder.Range,
        });
    }

    /// <summary>The code of a derivative. A plan speaks of the values' code where there is one.</summary>
    public DerivativeFormat Of(DerivativeOf derivative, bool isAlone)
    {
        var width = (isAlone ? PlannedWidth : null) ?? options.DerivativeWidth ?? options.Width;
        return new DerivativeFormat(derivative.Function, width, options.Rounding) { Alpha = derivative.Alpha };
    }

    private CodeWidth? PlannedWidth => planned is { Levels: > 0 } ? CodeWidths.FromLevels(planned.Levels) : null;

    private WidthShares PlannedShares => planned is { WidthShares: { } shares }
        ? WidthShares.FromList([.. shares.Select(share => (long)share)])
        : default;
}
