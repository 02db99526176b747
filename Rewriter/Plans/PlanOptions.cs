namespace OnnxActNN.Rewriter.Plans;

/// <summary>The options that a plan's figures hold for; a rewrite under the plan takes them from it.</summary>
public sealed record PlanOptions : CodingOptions
{
    /// <summary>The defaults.</summary>
    public PlanOptions()
    {
    }

    /// <summary>Those of a rewrite.</summary>
    internal PlanOptions(CodingOptions options)
        : base(options)
    {
    }
}
