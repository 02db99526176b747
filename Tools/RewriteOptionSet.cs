using System.CommandLine;
using OnnxActNN.Format;
using OnnxActNN.Rewriter;
using OnnxActNN.Rewriter.Planning;

namespace OnnxActNN.Tools;

/// <summary>The command-line form of <see cref="RewriteOptions"/>; defaults come from there.</summary>
internal sealed class RewriteOptionSet
{
    private const string Off = "off";

    private static readonly RewriteOptions Defaults = new();

    private readonly Option<string> _bits = new("--bits")
    {
        Description = "Bits per element: 1, 1.6 (three levels), 2, 3, 4 or 8.",
        DefaultValueFactory = _ => "2",
    };

    private readonly Option<bool> _allowBiased = new("--allow-biased")
    {
        Description = "Give inputs of nonlinear operators fewer than 8 bits too; their gradients get a bias.",
    };

    private readonly Option<string?> _derivativeBits = new("--derivative-bits")
    {
        Description = "Bits of codes of an activation's derivative, kept instead of its input; 'off' keeps the input. "
            + "Default: as --bits.",
    };

    private readonly Option<bool> _lossless = new("--lossless")
    {
        Description = "Pack masks, pooling indices and shapes alone: the result trains as the original does, "
            + "to the last bit.",
    };

    private readonly Option<long> _minimumBytes = new("--min-bytes")
    {
        Description = "Leave smaller tensors exact.",
        DefaultValueFactory = _ => Defaults.MinimumBytes,
    };

    private readonly Option<string[]> _include = new("--include")
    {
        Description = "Pack only tensors whose name matches (* and ?).",
    };

    private readonly Option<string[]> _exclude = new("--exclude")
    {
        Description = "Leave tensors exact whose name matches (* and ?).",
    };

    private readonly Option<long> _seed = new("--seed")
    {
        Description = "Seed of the dither.",
        DefaultValueFactory = _ => Defaults.Seed,
    };

    private readonly Option<RoundingMode> _rounding = new("--rounding")
    {
        Description = "Subtractive dither, or ActNN's stochastic rounding.",
        DefaultValueFactory = _ => Defaults.Rounding,
    };

    private readonly Option<GroupLayout> _layout = new("--layout")
    {
        Description = "Groups within a row (a channel's plane), or ActNN's flat groups.",
        DefaultValueFactory = _ => Defaults.Layout,
    };

    private readonly Option<int> _groupSize = new("--group-size")
    {
        Description = "Most elements in a group.",
        DefaultValueFactory = _ => Defaults.GroupSize,
    };

    private readonly Option<MetadataFormat> _metadata = new("--metadata")
    {
        Description = "A group's minimum and step as bfloat16, or in eight bits.",
        DefaultValueFactory = _ => Defaults.Metadata,
    };

    private readonly Option<RebuildScope> _rebuild = new("--rebuild")
    {
        Description = "Compute tensors again from packed ones: none, behind a normalization (affine), or through "
            + "residual sums too (chain).",
        DefaultValueFactory = _ => Defaults.Rebuild,
    };

    private readonly Option<bool> _plainCodes = new("--plain-codes")
    {
        Description = "Do not tell zeros of Relu apart in the codes; signs then take a mask, as in ActNN.",
    };

    private readonly Option<bool> _plainProbabilities = new("--plain-probabilities")
    {
        Description = "Give softmax's results 8 bits at equal distances and leave log-probabilities exact.",
    };

    private readonly Option<bool> _keepGradientOperators = new("--keep-gradient-operators")
    {
        Description = "Leave gradients of convolutions and normalizations whole; the backward pass then holds "
            + "more at once.",
    };

    private readonly Option<int> _batchSlices = new("--batch-slices")
    {
        Description = "Compute weight gradients at the peak in that many slices of the batch (2 to 64), on the "
            + "training runtime; 0: in one.",
        DefaultValueFactory = _ => Defaults.BatchSlices,
    };

    private readonly Option<bool> _keepDimensionNames = new("--keep-dimension-names")
    {
        Description = "Leave dimension names as they are; ONNX Runtime then holds more memory.",
    };

    private readonly Option<TargetRuntime> _runtime = new("--runtime")
    {
        Description = "The ONNX Runtime to run on: its last training build (1.19.2), or stock, with gradient "
            + "operators lowered.",
        DefaultValueFactory = _ => Defaults.Runtime,
    };

    private readonly Option<Dictionary<string, long>> _dimensions = CommonOptions.Dimensions();
    private readonly Option<string?> _loss = CommonOptions.Loss();

    public void AddTo(Command command)
    {
        foreach (var option in new Option[]
        {
            _bits, _dimensions, _derivativeBits, _allowBiased, _lossless, _minimumBytes, _include, _exclude, _seed,
            _rounding, _layout, _groupSize, _metadata, _rebuild, _plainCodes, _plainProbabilities,
            _keepGradientOperators, _batchSlices, _keepDimensionNames, _runtime, _loss,
        })
        {
            command.Options.Add(option);
        }
    }

    public RewriteOptions Read(ParseResult parsed) => new()
    {
        Width = ParseWidth(parsed.GetValue(_bits)!),
        DerivativeCodes = parsed.GetValue(_derivativeBits) is not Off,
        DerivativeWidth = parsed.GetValue(_derivativeBits) is { } bits and not Off
            ? ParseWidth(bits, _derivativeBits.Name)
            : null,
        AllowBiased = parsed.GetValue(_allowBiased),
        LosslessOnly = parsed.GetValue(_lossless),
        MinimumBytes = parsed.GetValue(_minimumBytes),
        Include = parsed.GetValue(_include) ?? [],
        Exclude = parsed.GetValue(_exclude) ?? [],
        Seed = parsed.GetValue(_seed),
        Rounding = parsed.GetValue(_rounding),
        Layout = parsed.GetValue(_layout),
        GroupSize = parsed.GetValue(_groupSize) is var size and >= 1 and <= PackFormat.LargestGroupSize
            ? size
            : throw new UsageException($"--group-size is 1 to {PackFormat.LargestGroupSize}."),
        Metadata = parsed.GetValue(_metadata),
        ProbabilityCodes = !parsed.GetValue(_plainProbabilities),
        Rebuild = parsed.GetValue(_rebuild),
        ZeroExact = !parsed.GetValue(_plainCodes),
        SmallWorkingSet = !parsed.GetValue(_keepGradientOperators),
        BatchSlices = parsed.GetValue(_batchSlices) is var slices and (0 or (>= 2 and <= 64))
            ? slices
            : throw new UsageException("--batch-slices is 0, or 2 to 64."),
        Runtime = parsed.GetValue(_runtime),
        OwnDimensionNames = !parsed.GetValue(_keepDimensionNames),
        Dimensions = parsed.GetValue(_dimensions) ?? [],
        Loss = parsed.GetValue(_loss),
    };

    /// <summary>A width as the command line has it.</summary>
    /// <exception cref="UsageException">There is no such width.</exception>
    public static CodeWidth ParseWidth(string bits, string option = "--bits") => bits switch
    {
        "1" => CodeWidth.OneBit,
        "1.6" => CodeWidth.ThreeLevels,
        "2" => CodeWidth.TwoBits,
        "3" => CodeWidth.ThreeBits,
        "4" => CodeWidth.FourBits,
        "8" => CodeWidth.EightBits,
        _ => throw new UsageException($"{option} is 1, 1.6, 2, 3, 4 or 8, not '{bits}'."),
    };
}
