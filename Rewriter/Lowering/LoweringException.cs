using OnnxActNN.Rewriter.Diagnostics;

namespace OnnxActNN.Rewriter.Lowering;

/// <summary>
/// Nodes that cannot be written with operators of the current ONNX Runtime. Names all of them at once.
/// </summary>
public sealed class LoweringException : OnnxActNNException
{
    internal LoweringException(IReadOnlyList<string> problems)
        : base(string.Join($"{Environment.NewLine}  ", problems.Prepend($"{problems.Count} nodes cannot be lowered:")))
        => Problems = problems;

    /// <summary>One sentence per node, in file order: operator, node name, reason.</summary>
    public IReadOnlyList<string> Problems { get; }
}
