using System.Text.Json;
using OnnxActNN.Format;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Rewriter.Planning;

namespace OnnxActNN.Rewriter.Plans;

/// <summary>Plans as JSON files; docs/plan.schema.json describes them.</summary>
public static class PlanFile
{
    /// <summary>Reads a plan, edited or not.</summary>
    /// <exception cref="PlanFormatException">
    /// The file is no plan, names a tensor twice, or has levels, shares or options that no code has.
    /// </exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static BitPlan Read(string path) => Parse(File.ReadAllBytes(path), path);

    /// <summary>Reads a plan from the content of a file.</summary>
    /// <param name="json">The content, UTF-8.</param>
    /// <param name="place">What messages call it.</param>
    /// <exception cref="PlanFormatException">
    /// The content is no plan, names a tensor twice, or has levels that no code has.
    /// </exception>
    public static BitPlan Parse(ReadOnlySpan<byte> json, string place)
    {
        BitPlan? plan;
        try
        {
            plan = JsonSerializer.Deserialize(json, PlanJson.Default.BitPlan);
        }
        catch (JsonException problem)
        {
            throw new PlanFormatException($"'{place}' is no plan: {problem.Message}", problem);
        }
        if (plan is not { Schema: BitPlan.SchemaName, Version: BitPlan.CurrentVersion })
        {
            throw new PlanFormatException(
                $"'{place}' is no {BitPlan.SchemaName} of version {BitPlan.CurrentVersion}; make one "
                    + "with 'onnxactnn plan'.");
        }
        if (plan.Options is { } options) Check(options, place);
        var seen = new HashSet<string>();
        foreach (var tensor in plan.Tensors)
        {
            if (tensor is null) throw new PlanFormatException($"'{place}' has nothing in the place of a tensor.");
            if (!seen.Add(tensor.Name))
                throw new PlanFormatException($"'{place}' names the tensor '{tensor.Name}' twice; keep one.");
            Check(tensor, place);
        }
        return plan;
    }

    /// <summary>The reader of JSON takes any number for an enumeration.</summary>
    private static void Check(PlanOptions options, string place)
    {
        var known = Enum.IsDefined(options.Width) && (options.DerivativeWidth is not { } width || Enum.IsDefined(width))
            && Enum.IsDefined(options.Rounding) && Enum.IsDefined(options.Layout) && Enum.IsDefined(options.Metadata)
            && Enum.IsDefined(options.Rebuild);
        if (!known)
            throw new PlanFormatException(
                $"'{place}' has an option whose value is none of the names in docs/plan.schema.json.");
        if (options.GroupSize < 1)
            throw new PlanFormatException($"'{place}': group_size is at least 1, not {options.GroupSize}.");
    }

    private static void Check(PlannedTensor tensor, string place)
    {
        if (tensor.GroupSize is < 0 or > PackFormat.LargestGroupSize)
            throw new PlanFormatException($"'{place}': a group of '{tensor.Name}' has 1 to 2^30 elements, or 0 for "
                + $"the default, not {tensor.GroupSize}.");
        if (tensor.WidthShares is not null && !IsShares(tensor))
        {
            throw new PlanFormatException(
                $"'{place}': width_shares of '{tensor.Name}' are three numbers from 255 to 0, none larger than the "
                    + "one before, of a Quantize.");
        }
        if (tensor.WidthOrder is { } order && (tensor.WidthShares is null || !Enum.IsDefined(order)))
        {
            throw new PlanFormatException(
                $"'{place}': width_order of '{tensor.Name}' is Range, RelativeRange, Sample or RelativeSample, and "
                + "goes with width_shares.");
        }
        if (tensor.Decision == StorageDecision.Quantize)
        {
            if (CodeWidths.TryFromLevels(tensor.Levels) is not null) return;
            throw new PlanFormatException(
                $"'{place}': levels of '{tensor.Name}' are 2, 3, 4, 8, 16 or 256, not {tensor.Levels}.");
        }
        if (tensor.Levels == 0) return;
        throw new PlanFormatException(
            $"'{place}': '{tensor.Name}' is {tensor.Decision} and has {tensor.Levels} levels; say Quantize, or leave "
                + "the levels out.");
    }

    private static bool IsShares(PlannedTensor tensor) => tensor is
    {
        Decision: StorageDecision.Quantize,
        WidthShares: [<= WidthShares.Whole and var two, var four, >= 0 and var eight]
    } && eight <= four && four <= two;

    /// <summary>The content of a plan's file.</summary>
    public static byte[] ToBytes(BitPlan plan) => JsonSerializer.SerializeToUtf8Bytes(plan, PlanJson.Default.BitPlan);

    /// <summary>Writes a plan.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(BitPlan plan, string path) => AtomicFile.Write(path, ToBytes(plan));
}
