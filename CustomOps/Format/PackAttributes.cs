namespace OnnxActNN.Format;

/// <summary>Attributes of QuantizePack and UnpackDequant, and what holds where one is left out.</summary>
public static class PackAttributes
{
    /// <summary>int: levels of a code, 2, 3, 4, 8, 16 or 256.</summary>
    public const string Levels = "levels";

    /// <summary>int: first axis of a row, negative from the end.</summary>
    public const string GroupAxis = "group_axis";

    /// <summary>int: most elements in a group.</summary>
    public const string GroupSize = "group_size";

    /// <summary>string: <see cref="LayoutRow"/> or <see cref="LayoutFlat"/>.</summary>
    public const string Layout = "layout";

    /// <summary>int: 1 when code 0 means exactly 0.</summary>
    public const string ZeroExact = "zero_exact";

    /// <summary>string: <see cref="MetadataBFloat16"/> or <see cref="MetadataEightBits"/>.</summary>
    public const string Metadata = "metadata";

    /// <summary>string: <see cref="RoundingDither"/> or <see cref="RoundingStochastic"/>.</summary>
    public const string Rounding = "rounding";

    /// <summary>string: <see cref="GridUniform"/> or <see cref="GridSquared"/>.</summary>
    public const string Grid = "grid";

    /// <summary>
    /// ints: of 255 groups, how many have at least 2, 4 and 8 bits, those of the largest ranges; the others have
    /// <see cref="Levels"/>.
    /// </summary>
    public const string WidthShares = "width_shares";

    /// <summary>
    /// string: what the groups of <see cref="WidthShares"/> are ranked by, <see cref="OrderRange"/>,
    /// <see cref="OrderRelativeRange"/>, <see cref="OrderSample"/> or <see cref="OrderRelativeSample"/>.
    /// </summary>
    public const string WidthOrder = "width_order";

    /// <summary>int: seed of the random numbers, one for the graph.</summary>
    public const string Seed = "seed";

    /// <summary>int: number of the packed tensor, different for each pack of the graph.</summary>
    public const string TensorId = "tensor_id";

    /// <summary>int: what the kernel's run counter starts at.</summary>
    public const string FirstRun = "first_run";

    /// <summary>string, of UnpackDequant: <see cref="OutputValue"/> or <see cref="OutputNonzero"/>.</summary>
    public const string Output = "output";

    /// <summary>Levels where the attribute is left out.</summary>
    public const long DefaultLevels = 4;

    /// <summary>Group axis where the attribute is left out.</summary>
    public const long DefaultGroupAxis = -1;

    /// <summary>Groups keep to a row; the default.</summary>
    public const string LayoutRow = "row";

    /// <summary>Groups of exactly group_size elements within a sample, as ActNN's.</summary>
    public const string LayoutFlat = "flat";

    /// <summary>Minimum and step as bfloat16; the default.</summary>
    public const string MetadataBFloat16 = "bfloat16";

    /// <summary>Minimum and step in 8 bits each.</summary>
    public const string MetadataEightBits = "eight_bits";

    /// <summary>Subtractive dither; the default.</summary>
    public const string RoundingDither = "dither";

    /// <summary>Stochastic rounding.</summary>
    public const string RoundingStochastic = "stochastic";

    /// <summary>Levels at equal distances; the default.</summary>
    public const string GridUniform = "uniform";

    /// <summary>Levels at the squares of the codes.</summary>
    public const string GridSquared = "squared";

    /// <summary>The largest ranges get the widest codes; the default.</summary>
    public const string OrderRange = "range";

    /// <summary>The largest ranges in units of their channel's do.</summary>
    public const string OrderRelativeRange = "relative_range";

    /// <summary>All groups of the samples with the largest ranges do.</summary>
    public const string OrderSample = "sample";

    /// <summary>All groups of the samples with the largest ranges in units of their channels' do.</summary>
    public const string OrderRelativeSample = "relative_sample";

    /// <summary>Decoded values; the default.</summary>
    public const string OutputValue = "value";

    /// <summary>1 where the code is not 0.</summary>
    public const string OutputNonzero = "nonzero";

    /// <summary>The value of the attribute <see cref="Layout"/>.</summary>
    public static string TextOf(GroupLayout layout) => layout == GroupLayout.Flat ? LayoutFlat : LayoutRow;

    /// <summary>The value of the attribute <see cref="Metadata"/>.</summary>
    public static string TextOf(MetadataFormat metadata) =>
        metadata == MetadataFormat.EightBits ? MetadataEightBits : MetadataBFloat16;

    /// <summary>The value of the attribute <see cref="Rounding"/>.</summary>
    public static string TextOf(RoundingMode rounding) =>
        rounding == RoundingMode.Stochastic ? RoundingStochastic : RoundingDither;

    /// <summary>The value of the attribute <see cref="Grid"/>.</summary>
    public static string TextOf(CodeGrid grid) => grid == CodeGrid.Squared ? GridSquared : GridUniform;

    /// <summary>The value of the attribute <see cref="WidthOrder"/>.</summary>
    public static string TextOf(WidthOrder order) => order switch
    {
        Format.WidthOrder.RelativeRange => OrderRelativeRange,
        Format.WidthOrder.Sample => OrderSample,
        Format.WidthOrder.RelativeSample => OrderRelativeSample,
        _ => OrderRange,
    };

    /// <summary>The value of the attribute <see cref="Output"/>.</summary>
    public static string TextOf(UnpackOutput output) => output == UnpackOutput.Nonzero ? OutputNonzero : OutputValue;

    /// <summary>Reads the attribute <see cref="Layout"/>.</summary>
    /// <exception cref="ArgumentException">The text is no layout.</exception>
    public static GroupLayout LayoutFrom(string text) => text switch
    {
        LayoutRow => GroupLayout.Row,
        LayoutFlat => GroupLayout.Flat,
        _ => throw Unknown(Layout, text, LayoutRow, LayoutFlat),
    };

    /// <summary>Reads the attribute <see cref="Metadata"/>.</summary>
    /// <exception cref="ArgumentException">The text is no metadata format.</exception>
    public static MetadataFormat MetadataFrom(string text) => text switch
    {
        MetadataBFloat16 => MetadataFormat.BFloat16,
        MetadataEightBits => MetadataFormat.EightBits,
        _ => throw Unknown(Metadata, text, MetadataBFloat16, MetadataEightBits),
    };

    /// <summary>Reads the attribute <see cref="Rounding"/>.</summary>
    /// <exception cref="ArgumentException">The text is no rounding mode.</exception>
    public static RoundingMode RoundingFrom(string text) => text switch
    {
        RoundingDither => RoundingMode.Dither,
        RoundingStochastic => RoundingMode.Stochastic,
        _ => throw Unknown(Rounding, text, RoundingDither, RoundingStochastic),
    };

    /// <summary>Reads the attribute <see cref="Grid"/>.</summary>
    /// <exception cref="ArgumentException">The text is no grid.</exception>
    public static CodeGrid GridFrom(string text) => text switch
    {
        GridUniform => CodeGrid.Uniform,
        GridSquared => CodeGrid.Squared,
        _ => throw Unknown(Grid, text, GridUniform, GridSquared),
    };

    /// <summary>Reads the attribute <see cref="WidthOrder"/>.</summary>
    /// <exception cref="ArgumentException">The text is no order.</exception>
    public static WidthOrder OrderFrom(string text) => text switch
    {
        OrderRange => Format.WidthOrder.Range,
        OrderRelativeRange => Format.WidthOrder.RelativeRange,
        OrderSample => Format.WidthOrder.Sample,
        OrderRelativeSample => Format.WidthOrder.RelativeSample,
        _ => throw Unknown(WidthOrder, text, OrderRange, OrderRelativeRange, OrderSample, OrderRelativeSample),
    };

    /// <summary>Reads the attribute <see cref="Output"/>.</summary>
    /// <exception cref="ArgumentException">The text is no output.</exception>
    public static UnpackOutput OutputFrom(string text) => text switch
    {
        OutputValue => UnpackOutput.Value,
        OutputNonzero => UnpackOutput.Nonzero,
        _ => throw Unknown(Output, text, OutputValue, OutputNonzero),
    };

    private static ArgumentException Unknown(string attribute, string text, params string[] known) =>
        new($"Attribute {attribute} is \"{string.Join("\" or \"", known)}\", not \"{text}\".");
}
