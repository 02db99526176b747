using System.Text.Json.Serialization;
using OnnxActNN.Format;
using OnnxActNN.Rewriter.Planning;

namespace OnnxActNN.Rewriter.Plans;

/// <summary>
/// The options of a rewrite that bytes and variance of its plan depend on: how tensors are coded. A plan's file has
/// each of them.
/// </summary>
public abstract record CodingOptions
{
    private protected CodingOptions()
    {
    }

    /// <summary>Width of the codes, for tensors whose consumers stand it.</summary>
    [JsonRequired]
    public CodeWidth Width { get; init; } = CodeWidth.TwoBits;

    /// <summary>
    /// Lets tensors that a nonlinear operator reads (other than normalization inputs) have fewer than 8 bits. Their
    /// gradients then have a bias that does not average out.
    /// </summary>
    [JsonRequired]
    public bool AllowBiased { get; init; }

    /// <summary>
    /// Keeps codes of an activation's derivative, in which its gradient is linear, in the place of the tensor that only
    /// this gradient reads. Without, such a tensor is one that a nonlinear operator reads.
    /// </summary>
    [JsonRequired]
    public bool DerivativeCodes { get; init; } = true;

    /// <summary>Width of those codes; null for <see cref="Width"/>.</summary>
    public CodeWidth? DerivativeWidth { get; init; }

    /// <summary>
    /// Whether inputs of batch and layer normalizations are packed; ActNN's first level keeps them exact.
    /// </summary>
    [JsonRequired]
    public bool NormalizationInputs { get; init; } = true;

    /// <summary>Tensors of fewer bytes stay exact; a dimension without a size counts as 8.</summary>
    [JsonRequired]
    public long MinimumBytes { get; init; } = 1024;

    /// <summary>How values are rounded.</summary>
    [JsonRequired]
    public RoundingMode Rounding { get; init; } = RoundingMode.Dither;

    /// <summary>
    /// Codes results of Relu so that 0 stays exactly 0, and reads signs from these codes. Without, they get plain codes
    /// and a mask, as in ActNN.
    /// </summary>
    [JsonRequired]
    public bool ZeroExact { get; init; } = true;

    /// <summary>
    /// Codes what softmax gives on a squared grid, takes the row sum of attention's gradient from its product, and
    /// keeps a loss's log-probabilities as probabilities. Without, softmax's results have 8 bits and log-probabilities
    /// stay exact.
    /// </summary>
    [JsonRequired]
    public bool ProbabilityCodes { get; init; } = true;

    /// <summary>Whether groups keep to a row, or run through a sample as ActNN's do.</summary>
    [JsonRequired]
    public GroupLayout Layout { get; init; } = GroupLayout.Row;

    /// <summary>Most elements in a group.</summary>
    [JsonRequired]
    public int GroupSize { get; init; } = PackFormat.DefaultGroupSize;

    /// <summary>How a group's minimum and step are stored.</summary>
    [JsonRequired]
    public MetadataFormat Metadata { get; init; } = MetadataFormat.BFloat16;

    /// <summary>Which tensors are computed again in the backward pass from what is packed anyway.</summary>
    [JsonRequired]
    public RebuildScope Rebuild { get; init; } = RebuildScope.Chain;
}
