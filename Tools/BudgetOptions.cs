using System.CommandLine;
using OnnxActNN.Format;
using OnnxActNN.Rewriter;
using OnnxActNN.Rewriter.Plans;
using OnnxActNN.Tools.Rendering;

namespace OnnxActNN.Tools;

/// <summary>The command-line form of a budget: one of five, or a level as ActNN names them.</summary>
internal sealed class BudgetOptions
{
    private readonly Option<double?> _averageBits = new("--average-bits")
    {
        Description = "Code bits per element on average; metadata comes on top.",
    };

    private readonly Option<string?> _saved = new("--saved-budget")
    {
        Description = "Bytes kept for the backward pass: 500000, 24MB, 1.5GB.",
    };

    private readonly Option<double?> _ratio = new("--saved-ratio")
    {
        Description = "How many times fewer bytes are kept for the backward pass than the original keeps, such as 12.",
    };

    private readonly Option<string?> _peak = new("--peak-budget")
    {
        Description = "Most bytes alive at once within a step.",
    };

    private readonly Option<double?> _variance = new("--variance")
    {
        Description = "Added variance over the squared norm of the gradient, such as 0.1.",
    };

    private readonly Option<string?> _level = new("--level")
    {
        Description = "ActNN's levels: L1 4 bits, normalization inputs exact; L2 4 bits; L3 2 bits on average (with "
            + "--per-group also within tensors); L4 as L3 (nothing is swapped out).",
    };

    private readonly Option<bool> _perGroup = new("--per-group")
    {
        Description = "Groups of one tensor may have widths of their own, by their range; needs a profile.",
    };

    private readonly Option<bool> _perSample = new("--per-sample")
    {
        Description = "Samples of one tensor may have widths of their own, by their ranges; needs a profile.",
    };

    public void AddTo(Command command)
    {
        Option[] all = [_averageBits, _saved, _ratio, _peak, _variance, _level, _perGroup, _perSample];
        foreach (var option in all) command.Options.Add(option);
    }

    /// <exception cref="UsageException">
    /// None of the options is given, or more than one, or a value makes no sense.
    /// </exception>
    public PlanBudget Read(ParseResult parsed)
    {
        PlanBudget?[] given =
        [
            parsed.GetValue(_averageBits) is { } bits ? new PlanBudget(BudgetKind.AverageBits, bits) : null,
            parsed.GetValue(_saved) is { } saved ? new PlanBudget(BudgetKind.SavedBytes, ByteText.Parse(saved)) : null,
            parsed.GetValue(_ratio) is { } ratio ? new PlanBudget(BudgetKind.SavedRatio, ratio) : null,
            parsed.GetValue(_peak) is { } peak ? new PlanBudget(BudgetKind.PeakBytes, ByteText.Parse(peak)) : null,
            parsed.GetValue(_variance) is { } variance ? new PlanBudget(BudgetKind.Variance, variance) : null,
            parsed.GetValue(_level) is { } level ? OfLevel(level) : null,
        ];
        return given.OfType<PlanBudget>().ToList() is [{ Limit: > 0 } only]
            ? only
            : throw new UsageException("give one of --average-bits, --saved-budget, --saved-ratio, --peak-budget, "
                + "--variance or --level, above 0.");
    }

    /// <summary>Whether groups may have widths of their own.</summary>
    public bool IsPerGroup(ParseResult parsed) => parsed.GetValue(_perGroup);

    /// <summary>Whether samples may.</summary>
    public bool IsPerSample(ParseResult parsed) => parsed.GetValue(_perSample);

    /// <summary>What a level says besides the budget.</summary>
    public RewriteOptions Restrict(ParseResult parsed, RewriteOptions options) =>
        parsed.GetValue(_level)?.ToUpperInvariant() switch
        {
            "L1" => options with { NormalizationInputs = false },
            _ => options,
        };

    private static PlanBudget OfLevel(string level) => level.ToUpperInvariant() switch
    {
        "L1" or "L2" => new PlanBudget(BudgetKind.AverageBits, CodeWidths.CodeBits(CodeWidth.FourBits)),
        "L3" or "L4" => new PlanBudget(BudgetKind.AverageBits, CodeWidths.CodeBits(CodeWidth.TwoBits)),
        _ => throw new UsageException($"--level is L1, L2, L3 or L4, not '{level}'."),
    };
}
