namespace OnnxActNN.Rewriter.Plans;

/// <summary>Whether the budget can be kept.</summary>
public enum PlanVerdict
{
    /// <summary>The plan keeps the budget.</summary>
    Fits,

    /// <summary>Nothing keeps it; the plan is the closest there is.</summary>
    DoesNotFit,

    /// <summary>It cannot be told: a size, or for a bound on the variance a profile, is missing.</summary>
    Unknown,
}
