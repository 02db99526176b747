using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Lowering;

/// <summary>Functions of terms, one node each, so that recipes read as formulas.</summary>
internal static class Formula
{
    private const long OpsetWithReductionAxesAsInput = 18;

    public static Term Erf(Term x) => x.Writer.Write("Erf", [x]);

    public static Term Exp(Term x) => x.Writer.Write("Exp", [x]);

    public static Term Tanh(Term x) => x.Writer.Write("Tanh", [x]);

    public static Term Sigmoid(Term x) => x.Writer.Write("Sigmoid", [x]);

    public static Term Softplus(Term x) => x.Writer.Write("Softplus", [x]);

    public static Term Sqrt(Term x) => x.Writer.Write("Sqrt", [x]);

    public static Term Reciprocal(Term x) => x.Writer.Write("Reciprocal", [x]);

    public static Term IsPositive(Term x) => x.Writer.Write("Greater", [x, x.Writer.Number(0)]);

    public static Term Where(Term condition, Term then, Term otherwise) =>
        condition.Writer.Write("Where", [condition, then, otherwise]);

    public static Term MatMul(Term a, Term b) => a.Writer.Write("MatMul", [a, b]);

    /// <summary>
    /// The term itself where nothing moves: ONNX Runtime 1.19.2 fuses any Transpose behind a Gemm as if it swapped.
    /// </summary>
    public static Term Transpose(Term x, params long[] permutation) =>
        permutation.SequenceEqual(Axes(0, permutation.Length))
            ? x
            : x.Writer.Write(
                "Transpose", [x], attributes => attributes.Set("perm", new AttributeValue.Ints(permutation)));

    /// <summary>Sizes may be 0 (as in x) and −1 (what is left).</summary>
    public static Term Reshape(Term x, params long[] sizes) => Reshape(x, x.Writer.Integers(sizes));

    public static Term Reshape(Term x, Term sizes) => x.Writer.Write("Reshape", [x, sizes]);

    public static Term Expand(Term x, Term sizes) => x.Writer.Write("Expand", [x, sizes]);

    public static Term Unsqueeze(Term x, params long[] axes) =>
        x.Writer.Write("Unsqueeze", [x, x.Writer.Integers(axes)]);

    public static Term Squeeze(Term x, params long[] axes) => x.Writer.Write("Squeeze", [x, x.Writer.Integers(axes)]);

    public static Term ReduceSum(Term x, IEnumerable<long> axes, bool keepAxes = true) => x.Writer.Write(
        "ReduceSum", [x, x.Writer.Integers([.. axes])], attributes => attributes.Set("keepdims", keepAxes ? 1 : 0));

    public static Term ReduceMean(Term x, IEnumerable<long> axes, bool keepAxes = true)
    {
        var writer = x.Writer;
        long[] list = [.. axes];
        var isInput = writer.Opset >= OpsetWithReductionAxesAsInput;
        return writer.Write("ReduceMean", isInput ? [x, writer.Integers(list)] : [x], attributes =>
        {
            attributes.Set("keepdims", keepAxes ? 1 : 0);
            if (!isInput) attributes.Set("axes", new AttributeValue.Ints(list));
        });
    }

    /// <summary>The number of elements that an int64 vector of sizes stands for.</summary>
    public static Term Product(Term sizes)
    {
        var writer = sizes.Writer;
        // Without axes all are reduced, whatever the operator set.
        return writer.Write("ReduceProd", [sizes], attributes => attributes.Set("keepdims", 1));
    }

    /// <summary>
    /// Elements start (included) to end (excluded) of each given axis; negative ends count from the back.
    /// </summary>
    public static Term Slice(Term x, long[] starts, long[] ends, long[] axes)
    {
        var writer = x.Writer;
        return writer.Write("Slice", [x, writer.Integers(starts), writer.Integers(ends), writer.Integers(axes)]);
    }

    public static Term Concat(long axis, params Term[] parts) => parts[0].Writer.Write(
        "Concat", [.. parts.Select(part => (Term?)part)], attributes => attributes.Set("axis", axis));

    /// <summary>A tensor of zeros, of the node's element type.</summary>
    public static Term Zeros(Term sizes)
    {
        var writer = sizes.Writer;
        return writer.Cast(writer.Write("ConstantOfShape", [sizes]), DataType.Float);
    }

    /// <summary>Adds updates to the elements of data that the indices name along an axis; names may repeat.</summary>
    public static Term ScatterAdd(Term data, Term indices, Term updates, long axis) =>
        data.Writer.Write("ScatterElements", [data, indices, updates], attributes =>
        {
            attributes.Set("axis", axis);
            attributes.Set("reduction", "add");
        });

    /// <summary>The axes from first to last, last excluded.</summary>
    public static IEnumerable<long> Axes(int first, int last) =>
        Enumerable.Range(first, Math.Max(0, last - first)).Select(axis => (long)axis);

    /// <summary>An axis counted from the front.</summary>
    public static int AxisOf(NodeWriter writer, int rank, long otherwise)
    {
        var axis = writer.Node.Attributes.GetInt("axis", otherwise);
        return (int)(axis < 0 ? axis + rank : axis);
    }
}
