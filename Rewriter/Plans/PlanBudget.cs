namespace OnnxActNN.Rewriter.Plans;

/// <summary>A budget: bits, bytes or a share, as the kind says.</summary>
public sealed record PlanBudget(BudgetKind Kind, double Limit);
