using System.Globalization;
using OnnxActNN.Format;
using OnnxActNN.Format.Derivatives;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Planning;

/// <summary>
/// One of the forms in which a saved tensor is kept for the backward pass. A tensor may have several; each consumer
/// names the one it reads.
/// </summary>
internal sealed class Store
{
    private string? _text;

    private Store(StorageDecision decision) => Decision = decision;

    public StorageDecision Decision { get; }

    /// <summary>The code of the values, of <see cref="StorageDecision.Quantize"/>.</summary>
    public PackFormat? Format { get; private init; }

    /// <summary>Whether the exponential of the tensor is coded, of <see cref="StorageDecision.Quantize"/>.</summary>
    public bool IsExponential { get; private init; }

    /// <summary>The code of a derivative at the values, of <see cref="StorageDecision.Quantize"/>.</summary>
    public DerivativeFormat? Derivative { get; private init; }

    /// <summary>What is added to the values before; null for nothing.</summary>
    public Value? Bias { get; private init; }

    /// <summary>The bits' meaning, of <see cref="StorageDecision.Mask"/>.</summary>
    public MaskBits? Bits { get; private init; }

    /// <summary>The pool's window, of <see cref="StorageDecision.Index"/>.</summary>
    public PoolingWindow? Window { get; private init; }

    /// <summary>How the tensor is computed again, of <see cref="StorageDecision.Rebuild"/>.</summary>
    public Restoration? Restoration { get; private init; }

    public static Store Exact() => new(StorageDecision.Exact);

    public static Store Shape() => new(StorageDecision.Shape);

    public static Store Quantize(PackFormat format) => new(StorageDecision.Quantize) { Format = format };

    public static Store QuantizeExponential(PackFormat format) =>
        new(StorageDecision.Quantize) { Format = format, IsExponential = true };

    public static Store OfDerivative(DerivativeFormat format, Value? bias = null) =>
        new(StorageDecision.Quantize) { Derivative = format, Bias = bias };

    public static Store Mask(MaskBits bits) => new(StorageDecision.Mask) { Bits = bits };

    public static Store Index(PoolingWindow window) => new(StorageDecision.Index) { Window = window };

    public static Store Rebuild(Restoration restoration) => new(StorageDecision.Rebuild) { Restoration = restoration };

    /// <summary>Bytes kept of a tensor of these dimensions.</summary>
    public long BytesOf(DataType elementType, ReadOnlySpan<long> sizes) => Decision switch
    {
        StorageDecision.Exact => ElementsOf(sizes) * elementType.BitsOf() / 8,
        StorageDecision.Quantize when Derivative is not null => DerivativeLayout.BytesOf(Derivative, ElementsOf(sizes)),
        StorageDecision.Quantize => PackedLayout.BytesOf(sizes, Format!),
        StorageDecision.Mask => MaskFormat.BytesOf(ElementsOf(sizes)),
        StorageDecision.Index => IndexLayout.Create(sizes, Window!).TotalBytes,
        _ => 0,
    };

    public override string ToString() => _text ??= Decision switch
    {
        StorageDecision.Quantize when Derivative is not null =>
            $"{Describe(Derivative.Width)}, codes of {ActivationDerivative.Of(Derivative.Function).Name}'s derivative",
        StorageDecision.Quantize => Describe(Format!),
        StorageDecision.Mask => Bits switch
        {
            { Test: MaskTest.Positive } => "1 bit, whether it is positive",
            { Test: MaskTest.Inside } => "1 bit, whether it is within bounds",
            _ => "1 bit, whether it is true",
        },
        StorageDecision.Index => $"{Window!.OffsetBits} bits, an offset in {string.Join('x', Window.KernelShape)}",
        StorageDecision.Rebuild => Restoration!.ToString(),
        StorageDecision.Shape => "only its shape is read in the backward pass",
        _ => "as computed",
    };

    private static string Describe(PackFormat format)
    {
        var code = format.Shares.IsUniform
            ? Describe(format.Width)
            : string.Create(CultureInfo.InvariantCulture, $"{format.StoredBits:F2} bits on average over the groups");
        return format.ZeroExact
            ? $"{code}, zero exact"
            : format.Grid == CodeGrid.Squared ? $"{code}, squared grid" : code;
    }

    private static string Describe(CodeWidth width) =>
        width == CodeWidth.ThreeLevels ? "three levels" : $"{CodeWidths.CodeBits(width)} bits";

    private static long ElementsOf(ReadOnlySpan<long> sizes)
    {
        long elements = 1;
        foreach (var size in sizes) elements = checked(elements * size);
        return elements;
    }
}
