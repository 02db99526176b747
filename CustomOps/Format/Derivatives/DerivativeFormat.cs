namespace OnnxActNN.Format.Derivatives;

/// <summary>
/// How a derivative is coded: levels spread evenly over its fixed range, so that no group needs a minimum or a step.
/// </summary>
/// <param name="Function">The activation.</param>
/// <param name="Width">Levels of a code.</param>
/// <param name="Rounding">How values are rounded.</param>
public sealed record DerivativeFormat(ActivationFunction Function, CodeWidth Width, RoundingMode Rounding)
{
    /// <summary>Factor of x; finite and not 0.</summary>
    public float Alpha
    {
        get;
        init => field = float.IsFinite(value) && value != 0
            ? value
            : throw new ArgumentOutOfRangeException(
                nameof(value), value, "The factor is a finite number other than 0.");
    } = DerivativeAttributes.DefaultAlpha;

    /// <summary>What code 0 stands for.</summary>
    public float Minimum => ActivationDerivative.Of(Function).Low;

    /// <summary>Distance of two levels, in float32.</summary>
    public float Step => (ActivationDerivative.Of(Function).High - Minimum) / (CodeWidths.Levels(Width) - 1);
}
