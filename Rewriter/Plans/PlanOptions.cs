using OnnxActNN.Format;
using OnnxActNN.Rewriter.Planning;

namespace OnnxActNN.Rewriter.Plans;

/// <summary>
/// The options of a rewrite that a plan's bytes and variance hold for; a rewrite under the plan takes them from it. What they mean stands at
/// <see cref="RewriteOptions"/>.
/// </summary>
public sealed record PlanOptions
{
    /// <inheritdoc cref="RewriteOptions.Width"/>
    public required CodeWidth Width { get; init; }

    /// <inheritdoc cref="RewriteOptions.AllowBiased"/>
    public required bool AllowBiased { get; init; }

    /// <inheritdoc cref="RewriteOptions.DerivativeCodes"/>
    public required bool DerivativeCodes { get; init; }

    /// <inheritdoc cref="RewriteOptions.DerivativeWidth"/>
    public CodeWidth? DerivativeWidth { get; init; }

    /// <inheritdoc cref="RewriteOptions.NormalizationInputs"/>
    public required bool NormalizationInputs { get; init; }

    /// <inheritdoc cref="RewriteOptions.MinimumBytes"/>
    public required long MinimumBytes { get; init; }

    /// <inheritdoc cref="RewriteOptions.Rounding"/>
    public required RoundingMode Rounding { get; init; }

    /// <inheritdoc cref="RewriteOptions.ZeroExact"/>
    public required bool ZeroExact { get; init; }

    /// <inheritdoc cref="RewriteOptions.ProbabilityCodes"/>
    public required bool ProbabilityCodes { get; init; }

    /// <inheritdoc cref="RewriteOptions.Layout"/>
    public required GroupLayout Layout { get; init; }

    /// <inheritdoc cref="RewriteOptions.GroupSize"/>
    public required int GroupSize { get; init; }

    /// <inheritdoc cref="RewriteOptions.Metadata"/>
    public required MetadataFormat Metadata { get; init; }

    /// <inheritdoc cref="RewriteOptions.Rebuild"/>
    public required RebuildScope Rebuild { get; init; }

    /// <summary>The options of a request for a plan.</summary>
    internal static PlanOptions Of(RewriteOptions options) => new()
    {
        Width = options.Width,
        AllowBiased = options.AllowBiased,
        DerivativeCodes = options.DerivativeCodes,
        DerivativeWidth = options.DerivativeWidth,
        NormalizationInputs = options.NormalizationInputs,
        MinimumBytes = options.MinimumBytes,
        Rounding = options.Rounding,
        ZeroExact = options.ZeroExact,
        ProbabilityCodes = options.ProbabilityCodes,
        Layout = options.Layout,
        GroupSize = options.GroupSize,
        Metadata = options.Metadata,
        Rebuild = options.Rebuild,
    };

    /// <summary>The given options, with these in their place.</summary>
    internal RewriteOptions Over(RewriteOptions options) => options with
    {
        Width = Width,
        AllowBiased = AllowBiased,
        DerivativeCodes = DerivativeCodes,
        DerivativeWidth = DerivativeWidth,
        NormalizationInputs = NormalizationInputs,
        MinimumBytes = MinimumBytes,
        Rounding = Rounding,
        ZeroExact = ZeroExact,
        ProbabilityCodes = ProbabilityCodes,
        Layout = Layout,
        GroupSize = GroupSize,
        Metadata = Metadata,
        Rebuild = Rebuild,
    };
}
