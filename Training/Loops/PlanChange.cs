using System.Globalization;

namespace OnnxActNN.Training.Loops;

/// <summary>What planning anew changed in one run.</summary>
/// <param name="Run">Name of the run.</param>
/// <param name="Epoch">Number of the epoch that starts with it, from 1.</param>
/// <param name="Tensors">How many tensors the plan names.</param>
/// <param name="Changes">
/// Those whose levels differ from the last plan's, in the graph's order; all in the first plan.
/// </param>
/// <param name="RelativeVariance">Variance that the plan is predicted to add, over the gradients' squared norm.</param>
internal sealed record PlanChange(
    string Run, int Epoch, int Tensors, IReadOnlyList<LevelChange> Changes, double? RelativeVariance)
{
    /// <summary>Names more than these say no more.</summary>
    private const int MostNames = 6;

    /// <summary>One line for people.</summary>
    public override string ToString()
    {
        var names = string.Join(", ", Changes.Take(MostNames));
        var more = Changes.Count > MostNames ? $" and {Changes.Count - MostNames} more" : "";
        var which = Changes.Count == 0 ? "" : $": {names}{more}";
        var variance = RelativeVariance is { } added
            ? string.Create(CultureInfo.InvariantCulture, $" Predicted variance {added:G3} of the squared gradient.")
            : "";
        return $"Plan for epoch {Epoch}: levels of {Changes.Count} of {Tensors} tensors change{which}.{variance}";
    }
}
