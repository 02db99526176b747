using System.IO.Enumeration;
using OnnxActNN.Format;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Operators;
using OnnxActNN.Rewriter.Plans;

namespace OnnxActNN.Rewriter.Planning;

/// <summary>One code width for every tensor that stands it; the rest stays exact and says why.</summary>
internal sealed class FixedWidthPolicy(RewriteOptions options)
{
    private readonly Dictionary<string, PlannedTensor> _planned =
        options.Plan?.Tensors.ToDictionary(tensor => tensor.Name) ?? [];

    public IReadOnlyList<TensorPlan> Decide(IReadOnlyList<SavedTensor> tensors)
    {
        var plans = tensors.Select(Decide).ToList();
        var kept = plans.Where(plan => plan.Decision == StorageDecision.Exact).Select(plan => plan.Tensor.Buffer).ToHashSet();
        return [.. plans.Select(plan => plan.Decision != StorageDecision.Exact && kept.Contains(plan.Tensor.Buffer)
            ? Exact(plan.Tensor, "shares its buffer with a tensor that stays exact")
            : plan)];
    }

    private TensorPlan Decide(SavedTensor tensor)
    {
        if (WhyNotAtAll(tensor) is { } reason) return Exact(tensor, reason);
        if (tensor.Class == StorageClass.H)
            return new TensorPlan(tensor, StorageDecision.Shape, "only its shape is read in the backward pass");
        if (_planned.GetValueOrDefault(tensor.Value.Name) is { Levels: 0 }) return Exact(tensor, "the plan keeps it");
        var format = FormatFor(tensor);
        var sizes = TensorSize.Nominal(tensor.Type, options.Dimensions)!;
        if (!PackedLayout.IsWorthPacking(sizes, (ElementType)tensor.Type!.ElementType, format))
            return Exact(tensor, "packed it would take half its size or more");
        return new TensorPlan(tensor, StorageDecision.Quantize, Describe(tensor, format), format);
    }

    private string? WhyNotAtAll(SavedTensor tensor)
    {
        if (tensor.Value.IsGraphOutput) return "is also a graph output";
        if (!tensor.DependsOnData) return "is computed from parameters alone, so noise on it would be noise on them";
        if (tensor.Consumers.FirstOrDefault(consumer => !consumer.IsKnown) is { } stranger)
            return $"{stranger.Use.Node.Operator} is not in the operator table ({stranger.Use})";
        if (tensor.Class != StorageClass.H && WhyExact(tensor) is { } need) return need;
        if (tensor.Consumers.FirstOrDefault(consumer => consumer is { Class: not StorageClass.H, Trigger: null }) is { } early)
            return $"no gradient arrives before {early.Use}, so it would be restored too early";
        if (!options.NormalizationInputs && tensor.Consumers.Any(consumer => consumer.Need == Need.Normalization))
            return "is a normalization's input, which is to stay exact";
        if (TensorSize.Nominal(tensor.Type, options.Dimensions) is not { } sizes) return "its shape is not known";
        if (!tensor.HasForwardReader) return "no forward node reads it, so a pack would run in the backward pass";
        if (IsFilteredOut(tensor.Value.Name)) return "left out by name";
        var bits = sizes.Aggregate((Int128)tensor.Type!.ElementType.BitsOf(), (product, size) => product * size);
        return bits < 8 * (Int128)options.MinimumBytes ? $"smaller than {options.MinimumBytes} bytes" : null;
    }

    private static string? WhyExact(SavedTensor tensor)
    {
        foreach (var consumer in tensor.Consumers)
        {
            switch (consumer.Class)
            {
                case StorageClass.E when tensor.Type is { } type && !type.ElementType.IsPackableFloat():
                    return $"is {type.ElementType.DisplayName()}, read as it is by {consumer.Use}";
                case StorageClass.E when tensor.Type is null:
                    return "its type is not known";
                case StorageClass.E:
                    return $"{consumer.Use} needs it exactly";
                case StorageClass.B or StorageClass.N:
                    return $"{consumer.Use} reads it as {(consumer.Class == StorageClass.B ? "a mask" : "pooling indices")}";
                case StorageClass.M when !tensor.IsReluOutput:
                    return $"{consumer.Use} reads its sign, and it may be negative";
            }
        }
        return tensor.Type?.ElementType.IsPackableFloat() == true ? null : "is no floating-point tensor";
    }

    private bool IsFilteredOut(string name) =>
        (options.Include.Count > 0 && !options.Include.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false)))
        || options.Exclude.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false));

    private PackFormat FormatFor(SavedTensor tensor)
    {
        var rank = tensor.Type!.Shape!.Rank;
        return PackFormat.For(rank, WidthFor(tensor), tensor.IsReluOutput) with
        {
            GroupAxis = GroupAxis.Of(tensor.Value, rank),
            GroupSize = options.GroupSize,
            Layout = options.Layout,
            Metadata = options.Metadata,
            Rounding = options.Rounding,
        };
    }

    private CodeWidth WidthFor(SavedTensor tensor)
    {
        if (_planned.TryGetValue(tensor.Value.Name, out var planned)) return CodeWidths.FromLevels(planned.Levels);
        var isBiased = tensor.Consumers.Any(consumer => consumer.Need == Need.Nonlinear) && !options.AllowBiased;
        return isBiased ? CodeWidth.EightBits : options.Width;
    }

    private static string Describe(SavedTensor tensor, PackFormat format)
    {
        var code = format.Width == CodeWidth.ThreeLevels ? "three levels" : $"{CodeWidths.CodeBits(format.Width)} bits";
        if (format.ZeroExact) code += ", zero exact";
        var nonlinear = tensor.Consumers.FirstOrDefault(consumer => consumer.Need == Need.Nonlinear);
        return nonlinear is null ? code : $"{code}: {nonlinear.Use} is not linear in it";
    }

    private static TensorPlan Exact(SavedTensor tensor, string reason) => new(tensor, StorageDecision.Exact, reason);
}
