using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Lowering.Recipes;

/// <summary>
/// The gradient of Gelu, or of its tanh approximation, at X + B with respect to X; see those recipes.
/// </summary>
internal sealed class BiasGeluGrad(string type, Func<Term, Term, Term> gradient) : IRecipe
{
    public OperatorId Operator { get; } = new(OperatorId.Microsoft, type);

    public long Opset => 13;

    public void Write(NodeWriter writer) =>
        writer.Return(0, gradient(writer.Input(0), writer.Input(1) + writer.Input(2)));
}
