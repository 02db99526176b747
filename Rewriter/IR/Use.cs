namespace OnnxActNN.Rewriter.IR;

/// <summary>One place that reads a value: input <paramref name="Input"/> of <paramref name="Node"/>.</summary>
internal readonly record struct Use(Node Node, int Input)
{
    public override string ToString() => $"{Node} input {Input}";
}
