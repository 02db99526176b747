using OnnxActNN.Format;
using OnnxActNN.Rewriter.Planning;

namespace OnnxActNN.Rewriter.Plans;

/// <summary>
/// How a plan keeps one saved tensor. A file may be edited: what counts on reading is the name, the decision, the
/// levels and the shares of groups with their order.
/// </summary>
public sealed record PlannedTensor
{
    /// <summary>Name of the value.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// The form in which it is kept. A rewrite follows Exact, Quantize and Rebuild; Mask and Index, which lose nothing,
    /// it chooses by itself. What cannot be rebuilt gets the code of the rewrite's options.
    /// </summary>
    public required StorageDecision Decision { get; init; }

    /// <summary>Levels of the code, where there is one: 2, 3, 4, 8, 16 or 256; else 0.</summary>
    public int Levels { get; init; }

    /// <summary>
    /// Most elements in a group of the code, whose metadata then have 8 bits; 0 for groups as the rewrite's options
    /// say.
    /// </summary>
    public int GroupSize { get; init; }

    /// <summary>
    /// Of 255 groups of a tensor whose groups have widths of their own, how many have at least 2, 4 and 8 bits, the
    /// first in <see cref="WidthOrder"/>; the rest have <see cref="Levels"/>. Null where all have one width.
    /// </summary>
    public IReadOnlyList<int>? WidthShares { get; init; }

    /// <summary>What these groups are ranked by; null for their range.</summary>
    public WidthOrder? WidthOrder { get; init; }

    /// <summary>Bytes of the tensor itself.</summary>
    public long Bytes { get; init; }

    /// <summary>Bytes kept under the plan.</summary>
    public long StoredBytes { get; init; }

    /// <summary>Variance that is added to the gradients; null without a profile.</summary>
    public double? Variance { get; init; }

    /// <summary>Why, for people.</summary>
    public string Reason { get; init; } = "";
}
