namespace OnnxActNN.Format.Derivatives;

/// <summary>
/// Attributes of DerivativePack beside <see cref="PackAttributes.Levels"/>, <see cref="PackAttributes.Rounding"/>,
/// <see cref="PackAttributes.Seed"/>, <see cref="PackAttributes.TensorId"/> and <see cref="PackAttributes.FirstRun"/>.
/// </summary>
public static class DerivativeAttributes
{
    /// <summary>string: the activation's name, see <see cref="ActivationDerivative.Name"/>; required.</summary>
    public const string Function = "function";

    /// <summary>float: α, which x is multiplied with, as QuickGelu's; 1 where left out.</summary>
    public const string Alpha = "alpha";

    /// <summary>α where the attribute is left out.</summary>
    public const float DefaultAlpha = 1;
}
