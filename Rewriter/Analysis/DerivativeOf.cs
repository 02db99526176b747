using OnnxActNN.Format.Derivatives;
using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Analysis;

/// <summary>The derivative that an activation's gradient is linear in.</summary>
/// <param name="Function">The activation.</param>
/// <param name="Alpha">Factor of its input.</param>
internal readonly record struct DerivativeOf(
    ActivationFunction Function, float Alpha = DerivativeAttributes.DefaultAlpha)
{
    /// <summary>What the attributes of a node say.</summary>
    public static DerivativeOf Read(Node node) => new(
        ActivationDerivative.Named(node.Attributes.GetText(DerivativeAttributes.Function, "")).Function,
        node.Attributes.GetFloat(DerivativeAttributes.Alpha, DerivativeAttributes.DefaultAlpha));

    /// <summary>Says it as attributes of a node.</summary>
    public void Write(Node node)
    {
        node.Attributes.Set(DerivativeAttributes.Function, ActivationDerivative.Of(Function).Name);
        if (Alpha != DerivativeAttributes.DefaultAlpha)
            node.Attributes.Set(DerivativeAttributes.Alpha, new AttributeValue.Float(Alpha));
    }
}
