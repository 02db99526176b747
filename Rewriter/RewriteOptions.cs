using OnnxActNN.Format;
using OnnxActNN.Rewriter.Plans;

namespace OnnxActNN.Rewriter;

/// <summary>
/// What a rewrite does. Every default stands here or in <see cref="CodingOptions"/> and nowhere else.
/// </summary>
public sealed record RewriteOptions : CodingOptions
{
    /// <summary>
    /// Packs only what loses nothing: masks, indices in pooling windows, and shapes. The rewritten graph then trains as
    /// the original does, to the last bit.
    /// </summary>
    public bool LosslessOnly { get; init; }

    /// <summary>
    /// Whether some tensors get more than <see cref="CodingOptions.Width"/>, as experience says of their readers. Not
    /// where a profile tells what each width does.
    /// </summary>
    internal bool LeastWidths { get; init; } = true;

    /// <summary>Names of tensors to pack; <c>*</c> and <c>?</c> as in file names. Empty: all.</summary>
    public IReadOnlyList<string> Include { get; init; } = [];

    /// <summary>Names of tensors to leave exact.</summary>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary>Seed of the dither; the same seed gives the same codes on every machine.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>
    /// Gives every value of the backward pass a name of its own for its outermost open dimension. ONNX Runtime
    /// reuses buffers of equal shape and would otherwise hold forward buffers for the backward pass.
    /// </summary>
    public bool OwnDimensionNames { get; init; } = true;

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

    /// <summary>
    /// These options for a rewrite under a plan: with the options that the plan was made for, and its sizes where none
    /// are given.
    /// </summary>
    public RewriteOptions Under(BitPlan plan)
    {
        var coding = (CodingOptions?)plan.Options ?? this;
        return this with
        {
            Width = coding.Width,
            AllowBiased = coding.AllowBiased,
            DerivativeCodes = coding.DerivativeCodes,
            DerivativeWidth = coding.DerivativeWidth,
            NormalizationInputs = coding.NormalizationInputs,
            MinimumBytes = coding.MinimumBytes,
            Rounding = coding.Rounding,
            ZeroExact = coding.ZeroExact,
            ProbabilityCodes = coding.ProbabilityCodes,
            Layout = coding.Layout,
            GroupSize = coding.GroupSize,
            Metadata = coding.Metadata,
            Rebuild = coding.Rebuild,
            Plan = plan,
            Dimensions = Dimensions.Count > 0 ? Dimensions : plan.Dimensions,
        };
    }
}
