namespace OnnxActNN.Format.Derivatives;

/// <summary>
/// Attributes of DerivativePack beside <see cref="PackAttributes.Levels"/>, <see cref="PackAttributes.Rounding"/>,
/// <see cref="PackAttributes.Seed"/>, <see cref="PackAttributes.TensorId"/> and <see cref="PackAttributes.FirstRun"/>.
/// </summary>
public static class DerivativeAttributes
{
    /// <summary>string: the activation's name, see <see cref="ActivationDerivative.Name"/>; required.</summary>
    public const string Function = "function";

    /// <summary>float: QuickGelu's α, which x is multiplied with; 1 where left out.</summary>
    public const string Alpha = "alpha";

    /// <summary>α where the attribute is left out.</summary>
    public const float DefaultAlpha = 1;
}
