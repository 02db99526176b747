namespace OnnxActNN.Format.Derivatives;

/// <summary>
/// An activation whose derivative can be stored in its input's, or output's, place. The values stand in headers.
/// </summary>
public enum ActivationFunction : byte
{
    /// <summary>x · Φ(x), by the error function.</summary>
    Gelu = 1,

    /// <summary>The same, with tanh in the error function's place.</summary>
    FastGelu = 2,

    /// <summary>x · σ(αx); with α = 1 Silu, or Swish.</summary>
    QuickGelu = 3,

    /// <summary>σ(x); its derivative is read off the output.</summary>
    Sigmoid = 4,

    /// <summary>tanh(x); its derivative is read off the output.</summary>
    Tanh = 5,

    /// <summary>ln(1 + e^x).</summary>
    Softplus = 6,

    /// <summary>x · tanh(ln(1 + e^x)).</summary>
    Mish = 7,

    /// <summary>x · min(max(x + 3, 0), 6) / 6.</summary>
    HardSwish = 8,

    /// <summary>x, where it is negative e^x − 1.</summary>
    Elu = 9,
}
