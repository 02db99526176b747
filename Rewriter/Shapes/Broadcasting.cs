using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Shapes;

/// <summary>ONNX's (NumPy's) broadcasting over symbolic dimensions.</summary>
/// <remarks>
/// <para>Equal dimensions stay; 1 gives way; a number other than 1 wins over a name.</para>
/// <para>
/// Two different names must be the same size at run time, or one of them is 1, which the graph does not tell. The
/// result is then the first of: the one that is no placeholder, the plain name before an expression, the one of the
/// operand of higher rank (the data rather than its mask or bias), the left one.
/// </para>
/// </remarks>
internal static class Broadcasting
{
    /// <exception cref="ShapeInferenceException">Two known sizes contradict each other.</exception>
    public static Shape Broadcast(RuleContext context, Shape left, Shape right)
    {
        if (ReferenceEquals(left, right) || right.Rank == 0) return left;
        if (left.Rank == 0) return right;
        var rank = Math.Max(left.Rank, right.Rank);
        var dimensions = new Dimension[rank];
        for (var axis = 0; axis < rank; axis++)
        {
            var (l, r) = (axis - rank + left.Rank, axis - rank + right.Rank);
            dimensions[axis] = l < 0 ? right[r]
                : r < 0 ? left[l]
                : Broadcast(context, left[l], right[r], rightLeads: right.Rank > left.Rank);
        }
        return new Shape(dimensions);
    }

    private static Dimension Broadcast(RuleContext context, Dimension left, Dimension right, bool rightLeads)
    {
        if (left.Value is { } a && right.Value is { } b)
        {
            if (a != b && a != 1 && b != 1) throw context.Fail($"sizes {a} and {b} do not broadcast.");
            return a == 1 ? right : left;
        }
        if (left.Equals(right) || right.Value == 1) return left;
        if (left.Value == 1) return right;
        if (left.IsKnown) return left;
        return right.IsKnown || IsBetter(context, right, left, rightLeads) ? right : left;
    }

    private static bool IsBetter(RuleContext context, Dimension candidate, Dimension other, bool leads)
    {
        if (context.IsOpen(candidate) != context.IsOpen(other)) return context.IsOpen(other);
        return candidate.IsName != other.IsName ? candidate.IsName : leads;
    }
}
