using System.Text.Json.Serialization;
using OnnxActNN.Format;
using OnnxActNN.Rewriter.Planning;

namespace OnnxActNN.Rewriter.Plans;

/// <summary>
/// The options of a rewrite that a plan's bytes and variance hold for; a rewrite under the plan takes them from it.
/// What they mean stands at <see cref="RewriteOptions"/>, what they are by default here. A plan's file has each of
/// them.
/// </summary>
public sealed record PlanOptions
{
    /// <inheritdoc cref="RewriteOptions.Width"/>
    [JsonRequired]
    public CodeWidth Width { get; init; } = CodeWidth.TwoBits;

    /// <inheritdoc cref="RewriteOptions.AllowBiased"/>
    [JsonRequired]
    public bool AllowBiased { get; init; }

    /// <inheritdoc cref="RewriteOptions.DerivativeCodes"/>
    [JsonRequired]
    public bool DerivativeCodes { get; init; } = true;

    /// <inheritdoc cref="RewriteOptions.DerivativeWidth"/>
    public CodeWidth? DerivativeWidth { get; init; }

    /// <inheritdoc cref="RewriteOptions.NormalizationInputs"/>
    [JsonRequired]
    public bool NormalizationInputs { get; init; } = true;

    /// <inheritdoc cref="RewriteOptions.MinimumBytes"/>
    [JsonRequired]
    public long MinimumBytes { get; init; } = 1024;

    /// <inheritdoc cref="RewriteOptions.Rounding"/>
    [JsonRequired]
    public RoundingMode Rounding { get; init; } = RoundingMode.Dither;

    /// <inheritdoc cref="RewriteOptions.ZeroExact"/>
    [JsonRequired]
    public bool ZeroExact { get; init; } = true;

    /// <inheritdoc cref="RewriteOptions.ProbabilityCodes"/>
    [JsonRequired]
    public bool ProbabilityCodes { get; init; } = true;

    /// <inheritdoc cref="RewriteOptions.Layout"/>
    [JsonRequired]
    public GroupLayout Layout { get; init; } = GroupLayout.Row;

    /// <inheritdoc cref="RewriteOptions.GroupSize"/>
    [JsonRequired]
    public int GroupSize { get; init; } = PackFormat.DefaultGroupSize;

    /// <inheritdoc cref="RewriteOptions.Metadata"/>
    [JsonRequired]
    public MetadataFormat Metadata { get; init; } = MetadataFormat.BFloat16;

    /// <inheritdoc cref="RewriteOptions.Rebuild"/>
    [JsonRequired]
    public RebuildScope Rebuild { get; init; } = RebuildScope.Chain;
}
