namespace OnnxActNN.Format;

/// <summary>
/// Every attribute of a pack that decides the bytes it writes, apart from the key of its random numbers.
/// </summary>
public sealed record PackFormat
{
    /// <summary>
    /// Default elements in a group. Planes of 14x14 and 7x7 stay whole, planes of 28x28 become four groups of 196, rows
    /// of 768 three of 256, and bfloat16 metadata costs 1/16 to 1/8 bit an element there.
    /// </summary>
    public const int DefaultGroupSize = 256;

    /// <summary>Largest elements in a group: an index within a group fits 31 bits.</summary>
    public const int LargestGroupSize = 1 << 30;

    /// <summary>Creates a format; every property can be changed with <c>with</c>.</summary>
    /// <exception cref="ArgumentException">
    /// Two levels cannot be zero-exact: one positive level alone is biased.
    /// </exception>
    public PackFormat(CodeWidth width, bool zeroExact)
    {
        if (!CodeWidths.IsSupported(width))
            throw new ArgumentOutOfRangeException(nameof(width), width, "Unknown code width.");
        if (zeroExact && width == CodeWidth.OneBit)
            throw new ArgumentException("A zero-exact code needs at least three levels.", nameof(zeroExact));
        Width = width;
        ZeroExact = zeroExact;
    }

    /// <summary>Levels of a code.</summary>
    public CodeWidth Width { get; }

    /// <summary>
    /// Code 0 means exactly 0 and nothing else; for tensors that are ≥ 0 (values below 0 are taken as 0, but widen the
    /// range).
    /// </summary>
    public bool ZeroExact { get; }

    /// <summary>
    /// Where the levels lie. <see cref="CodeGrid.Squared"/> goes with stochastic rounding and without
    /// <see cref="ZeroExact"/>; values below 0 are taken as 0, but widen the range.
    /// </summary>
    public CodeGrid Grid { get; init; }

    /// <summary>Whether groups have no minimum of their own, so that the step alone is stored.</summary>
    public bool HasStepAlone => ZeroExact || Grid == CodeGrid.Squared;

    /// <summary>How many steps lie between the lowest value that a positive code stands for and the highest.</summary>
    public int Steps
    {
        get
        {
            var above = CodeWidths.Levels(Width) - 1;
            return Grid == CodeGrid.Squared ? above * above : ZeroExact ? above - 1 : above;
        }
    }

    /// <summary>What of the format contradicts itself; null where nothing does.</summary>
    public string? Contradiction => !Shares.IsOrdered ? "a share of groups is larger than the one before"
        : Grid != CodeGrid.Squared ? null
        : ZeroExact ? "a squared grid cannot be zero-exact"
        : Rounding != RoundingMode.Stochastic ? "a squared grid needs stochastic rounding"
        : null;

    /// <summary>
    /// First axis of a row; negative counts from the end. Not used by <see cref="GroupLayout.Flat"/>.
    /// </summary>
    public int GroupAxis { get; init; } = -1;

    /// <summary>Most elements in a group, 1 to <see cref="LargestGroupSize"/>.</summary>
    public int GroupSize
    {
        get;
        init => field = value is >= 1 and <= LargestGroupSize
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "The group size is 1 to 2^30.");
    } = DefaultGroupSize;

    /// <summary>How the tensor is cut into groups.</summary>
    public GroupLayout Layout { get; init; }

    /// <summary>How a group's minimum and step are stored.</summary>
    public MetadataFormat Metadata { get; init; }

    /// <summary>How values are rounded.</summary>
    public RoundingMode Rounding { get; init; }

    /// <summary>Which part of the groups has wider codes than <see cref="Width"/>; by default none.</summary>
    public WidthShares Shares { get; init; }

    /// <summary>
    /// Which groups those are. The packed tensor says so group by group, so that its header does not repeat the order.
    /// </summary>
    public WidthOrder Order { get; init; }

    /// <summary>Stored bits per element, without metadata and tails, on average over the groups.</summary>
    public double StoredBits
    {
        get
        {
            double sum = 0;
            for (var index = 0; index < WidthShares.Classes; index++)
            {
                var wider = index + 1 < WidthShares.Classes ? Shares.AtLeast(index + 1, WidthShares.Whole) : 0;
                sum += (Shares.AtLeast(index, WidthShares.Whole) - wider) * CodeWidths.StoredBits(WidthOf(index));
            }
            return sum / WidthShares.Whole;
        }
    }

    /// <summary>The width of a class of groups: 2, 4 or 8 bits, or the format's own where that is wider.</summary>
    /// <param name="index">The class, 0 to <see cref="WidthShares.Classes"/> − 1.</param>
    public CodeWidth WidthOf(int index)
    {
        var width = index switch
        {
            0 => Width,
            1 => CodeWidth.TwoBits,
            2 => CodeWidth.FourBits,
            _ => CodeWidth.EightBits,
        };
        return CodeWidths.Levels(width) > CodeWidths.Levels(Width) ? width : Width;
    }

    /// <summary>The same with one width for all groups.</summary>
    public PackFormat Uniform(CodeWidth width) => new(width, ZeroExact)
    {
        Grid = Grid,
        GroupAxis = GroupAxis,
        GroupSize = GroupSize,
        Layout = Layout,
        Metadata = Metadata,
        Rounding = Rounding,
    };

    /// <summary>
    /// The default format for a tensor: rank 4 is taken as channel-first, its rows are the planes; else rows are the
    /// last axis. Channel-last and attention tensors of rank 4 want <c>with { GroupAxis = -1 }</c>. Two levels become
    /// three for a zero-exact tensor.
    /// </summary>
    public static PackFormat For(int rank, CodeWidth width, bool zeroExact)
    {
        var usable = zeroExact && width == CodeWidth.OneBit ? CodeWidth.ThreeLevels : width;
        return new PackFormat(usable, zeroExact) { GroupAxis = rank == 4 ? 2 : -1 };
    }
}
