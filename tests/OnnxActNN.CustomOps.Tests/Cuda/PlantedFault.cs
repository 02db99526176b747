using System.Security.Cryptography;
using System.Text;

namespace OnnxActNN.CustomOps.Tests.Cuda;

/// <summary>A mistake in a kernel: an expression of its source and what it is replaced by.</summary>
/// <param name="Name">What is wrong.</param>
/// <param name="Source">The source file.</param>
/// <param name="Right">The expression as it stands there.</param>
/// <param name="Wrong">The mistake.</param>
/// <param name="Symptom">What the replay must say.</param>
public sealed record PlantedFault(string Name, string Source, string Right, string Wrong, string Symptom)
{
    private const string OtherBytes = "other bytes than recorded";
    private const string OutOfBounds = "AddressSanitizer: heap-buffer-overflow";

    public static IReadOnlyList<PlantedFault> All { get; } =
    [
        new("missing clamp", "metadata.cuh", "smaller(127.0f, larger(-128.0f, multiple))", "multiple", OtherBytes),
        new("wrong tail", "quantize_pack.cuh", "element < length", "element <= length", OutOfBounds),
        new("off-by-one lane", "unpack_dequant.cuh", "broadcast64((uint64)span.start, i)",
            "broadcast64((uint64)span.start, i + 1)", OtherBytes),
        new("a slice with the next sample's groups", "unpack_dequant.cuh", "layout.groupsBefore(arguments.endElement)",
            "layout.groupsBefore(arguments.elementCount)", OutOfBounds),
        new(
            "a slice with the whole tensor's addend", "batch_normalization.cuh", "addend[i - arguments.firstElement]",
            "addend[i]", OutOfBounds),
        new("write past the end", "quantize_pack.cuh", "offset < end", "offset <= end", OutOfBounds),
        new("missing barrier", "quantize_pack.cuh", "synchronizeBlock()", "(void)0", OtherBytes),
        new("divergence", "unpack_dequant.cuh", "broadcast(span.length, i)",
            "(laneIndex() == 5 ? span.length : broadcast(span.length, i))",
            "some lanes are at a function of the whole warp"),
        new("profile of a neighbour", "profile.cuh", "laneIndex() ^ half", "laneIndex() ^ half / 2", OtherBytes),
        new("another channel's factor", "batch_normalization.cuh", "(plane + 1) * arguments.planeElements",
            "(plane + 2) * arguments.planeElements", OtherBytes),
        new("sums cut elsewhere", "read_batches.cuh", "4096 / longest", "4000 / longest", OtherBytes),
        new(
            "another row's statistics", "layer_normalization.cu", "(row + 1) * arguments.columns",
            "(row + 2) * arguments.columns", OutOfBounds),
        new("a column's last block", "layer_normalization_gradient.cu", "i < blocks.count", "i < blocks.count - 1",
            OtherBytes),
        new("batches from a row's start on", "layer_normalization_gradient.cu", "blocks.start(blocks.blockOf(start))",
            "start", OtherBytes),
        new("packets from elsewhere on", "batch_normalization_in_place.cu",
            "(int64)(-((uint64)plane / sizeof(float)) % PacketLanes)", "0", OtherBytes),
        new("no barrier behind planes", "batch_normalization_in_place.cu", "synchronizeBlock()", "(void)0", OtherBytes),
        new("no barrier behind partial sums", "softmax_cross_entropy_loss.cu", "synchronizeBlock()", "(void)0",
            OtherBytes),
        new(
            "the sum's place written early", "softmax_cross_entropy_loss.cu",
            "smaller(first + LossSpan, arguments.end)",
            "smaller(first + LossSpan, arguments.tensor.elementCount)", OtherBytes),
        new("a derivative's slope", "derivatives.cuh", "table[2 * piece + 1]", "table[2 * piece]", OtherBytes),
        new("a sum's last elements", "sums.cu", "smaller(first + 4, arguments.count)", "first + 4", OutOfBounds),
        new("a class with a group too many", "group_allocation.cuh", "numbers[2 * i + 1] < classEnds[i].equals",
            "numbers[2 * i + 1] <= classEnds[i].equals", OtherBytes),
        new("another order of ranges", "group_scores.cuh", "range.maximum - range.minimum",
            "range.maximum * range.maximum", OtherBytes),
        new("another channel's sum", "group_scores.cuh", "sums[channel]", "sums[0]", OtherBytes),
        new("groups counted in place of elements", "group_scores.cuh", "span.length * (int64)(score * SampleOne)",
            "(int64)(score * SampleOne)", OtherBytes),
        new("room that is not cleared", "quantize_pack.cuh", "clear(Width::codeBytes(length), stride)",
            "clear(stride, stride)", OtherBytes),
        new("a rank that counts its own group", "width_table.cuh", "(1u << (2 * (group % GroupsPerBlock))) - 1",
            "(4u << (2 * (group % GroupsPerBlock))) - 1", OutOfBounds),
        new("fused rounding", "quantize_pack.cuh", "8388608.0f", "8388607.5f", OtherBytes),
    ];

    /// <summary>Tells one list of faults from another.</summary>
    public static string Fingerprint { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
        string.Concat(All.Select(fault => $"{fault.Source}\n{fault.Right}\n{fault.Wrong}\n")))))[..8];

    /// <summary>
    /// The number that makes a fault active in the program built from <see cref="PlantAll"/>'s sources.
    /// </summary>
    public int Number => Enumerable.Range(0, All.Count).First(index => All[index].Name == Name) + 1;

    /// <summary>Puts every fault into sources, each behind its number.</summary>
    /// <exception cref="InvalidOperationException">A source has changed and no longer holds the expression.</exception>
    public static void PlantAll(string folder)
    {
        foreach (var fault in All)
        {
            var path = Path.Combine(folder, fault.Source);
            var text = File.ReadAllText(path);
            if (!text.Contains(fault.Right, StringComparison.Ordinal))
                throw new InvalidOperationException(
                    $"{fault.Source} no longer holds '{fault.Right}': plant '{fault.Name}' elsewhere.");
            File.WriteAllText(path, text.Replace(
                fault.Right, $"(emulation::plantedFault == {fault.Number} ? {fault.Wrong} : {fault.Right})",
                StringComparison.Ordinal));
        }
    }

    public override string ToString() => Name;
}
