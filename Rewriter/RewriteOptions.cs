using OnnxActNN.Format;
using OnnxActNN.Rewriter.Planning;
using OnnxActNN.Rewriter.Plans;

namespace OnnxActNN.Rewriter;

/// <summary>
/// What a rewrite does. Every default stands here or in <see cref="Plans.PlanOptions"/> and nowhere else.
/// </summary>
public sealed record RewriteOptions
{
    /// <summary>Width of the codes, for tensors whose consumers stand it.</summary>
    public CodeWidth Width
    {
        get => PlanOptions.Width;
        init => PlanOptions = PlanOptions with { Width = value };
    }

    /// <summary>
    /// Lets tensors that a nonlinear operator reads (other than normalization inputs) have fewer than 8 bits. Their
    /// gradients then have a bias that does not average out.
    /// </summary>
    public bool AllowBiased
    {
        get => PlanOptions.AllowBiased;
        init => PlanOptions = PlanOptions with { AllowBiased = value };
    }

    /// <summary>
    /// Keeps codes of an activation's derivative, in which its gradient is linear, in the place of the tensor that only
    /// this gradient reads. Without, such a tensor is one that a nonlinear operator reads.
    /// </summary>
    public bool DerivativeCodes
    {
        get => PlanOptions.DerivativeCodes;
        init => PlanOptions = PlanOptions with { DerivativeCodes = value };
    }

    /// <summary>Width of those codes; null for <see cref="Width"/>.</summary>
    public CodeWidth? DerivativeWidth
    {
        get => PlanOptions.DerivativeWidth;
        init => PlanOptions = PlanOptions with { DerivativeWidth = value };
    }

    /// <summary>
    /// Packs only what loses nothing: masks, indices in pooling windows, and shapes. The rewritten graph then trains as
    /// the original does, to the last bit.
    /// </summary>
    public bool LosslessOnly { get; init; }

    /// <summary>
    /// Whether inputs of batch and layer normalizations are packed; ActNN's first level keeps them exact.
    /// </summary>
    public bool NormalizationInputs
    {
        get => PlanOptions.NormalizationInputs;
        init => PlanOptions = PlanOptions with { NormalizationInputs = value };
    }

    /// <summary>Tensors of fewer bytes stay exact; a dimension without a size counts as 8.</summary>
    public long MinimumBytes
    {
        get => PlanOptions.MinimumBytes;
        init => PlanOptions = PlanOptions with { MinimumBytes = value };
    }

    /// <summary>
    /// Whether some tensors get more than <see cref="Width"/>, as experience says of their readers. Not where a profile
    /// tells what each width does.
    /// </summary>
    internal bool LeastWidths { get; init; } = true;

    /// <summary>Names of tensors to pack; <c>*</c> and <c>?</c> as in file names. Empty: all.</summary>
    public IReadOnlyList<string> Include { get; init; } = [];

    /// <summary>Names of tensors to leave exact.</summary>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary>Seed of the dither; the same seed gives the same codes on every machine.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>How values are rounded.</summary>
    public RoundingMode Rounding
    {
        get => PlanOptions.Rounding;
        init => PlanOptions = PlanOptions with { Rounding = value };
    }

    /// <summary>
    /// Codes results of Relu so that 0 stays exactly 0, and reads signs from these codes. Without, they get plain codes
    /// and a mask, as in ActNN.
    /// </summary>
    public bool ZeroExact
    {
        get => PlanOptions.ZeroExact;
        init => PlanOptions = PlanOptions with { ZeroExact = value };
    }

    /// <summary>
    /// Codes what softmax gives on a squared grid, takes the row sum of attention's gradient from its product, and
    /// keeps a loss's log-probabilities as probabilities. Without, softmax's results have 8 bits and log-probabilities
    /// stay exact.
    /// </summary>
    public bool ProbabilityCodes
    {
        get => PlanOptions.ProbabilityCodes;
        init => PlanOptions = PlanOptions with { ProbabilityCodes = value };
    }

    /// <summary>Whether groups keep to a row, or run through a sample as ActNN's do.</summary>
    public GroupLayout Layout
    {
        get => PlanOptions.Layout;
        init => PlanOptions = PlanOptions with { Layout = value };
    }

    /// <summary>Most elements in a group.</summary>
    public int GroupSize
    {
        get => PlanOptions.GroupSize;
        init => PlanOptions = PlanOptions with { GroupSize = value };
    }

    /// <summary>How a group's minimum and step are stored.</summary>
    public MetadataFormat Metadata
    {
        get => PlanOptions.Metadata;
        init => PlanOptions = PlanOptions with { Metadata = value };
    }

    /// <summary>
    /// Gives every value of the backward pass a name of its own for its outermost open dimension. ONNX Runtime
    /// reuses buffers of equal shape and would otherwise hold forward buffers for the backward pass.
    /// </summary>
    public bool OwnDimensionNames { get; init; } = true;

    /// <summary>Which tensors are computed again in the backward pass from what is packed anyway.</summary>
    public RebuildScope Rebuild
    {
        get => PlanOptions.Rebuild;
        init => PlanOptions = PlanOptions with { Rebuild = value };
    }

    /// <summary>
    /// Most packed tensors that one rebuilt tensor is computed from; a residual network needs one more for each block
    /// of a stage.
    /// </summary>
    public int LongestRebuild { get; init; } = 8;

    /// <summary>
    /// Most elements in a group of a tensor that others are rebuilt from: its error counts several times.
    /// </summary>
    public int RebuildGroupSize { get; init; } = 64;

    /// <summary>How minimum and step of those smaller groups are stored.</summary>
    public MetadataFormat RebuildMetadata { get; init; } = MetadataFormat.EightBits;

    /// <summary>
    /// Keeps what a step holds at once small: gradients of batch normalizations read codes and restore nothing,
    /// gradients of convolutions are taken apart, sums and, on the training runtime, batch normalizations run in place.
    /// Gradients may differ in their last bits; with <see cref="LosslessOnly"/> no convolution is taken apart and they
    /// do not. The forward pass keeps every bit on x86-64; on other processors batch normalization may round its last
    /// bits in another way than ONNX Runtime.
    /// </summary>
    public bool SmallWorkingSet { get; init; } = true;

    /// <summary>
    /// Slices of the batch in which weight gradients of convolutions at the step's peak are computed, so that of their
    /// restored input a slice exists at a time; 0 cuts none. Only on the training runtime and with
    /// <see cref="SmallWorkingSet"/>; the peak is the one of <see cref="Dimensions"/>, with 8 for a size that is not
    /// there.
    /// </summary>
    public int BatchSlices { get; init; }

    /// <summary>The ONNX Runtime that is to run the result.</summary>
    public TargetRuntime Runtime { get; init; } = TargetRuntime.Training;

    /// <summary>Sizes of named dimensions, for byte counts.</summary>
    public IReadOnlyDictionary<string, long> Dimensions { get; init; } = new Dictionary<string, long>();

    /// <summary>Name of the loss, for step graphs whose first scalar output is another value.</summary>
    public string? Loss { get; init; }

    /// <summary>
    /// Which code each tensor gets; tensors that it does not name follow the other options. A tensor that cannot be
    /// packed stays exact whatever the plan says.
    /// </summary>
    public BitPlan? Plan { get; init; }

    /// <summary>Those of the options that are a plan's.</summary>
    internal PlanOptions PlanOptions { get; init; } = new();

    /// <summary>
    /// These options for a rewrite under a plan: with the options that the plan was made for, and its sizes where none
    /// are given.
    /// </summary>
    public RewriteOptions Under(BitPlan plan) => this with
    {
        PlanOptions = plan.Options ?? PlanOptions,
        Plan = plan,
        Dimensions = Dimensions.Count > 0 ? Dimensions : plan.Dimensions,
    };
}
