namespace OnnxActNN.Format;

/// <summary>
/// How a value between two levels is rounded; both ways are unbiased. The values stand in the header.
/// </summary>
public enum RoundingMode : byte
{
    /// <summary>
    /// Subtractive dither: code = floor((x − minimum) / step + v), decoded as (code − v + ½) · step + minimum with the
    /// same v. Variance step² / 12 whatever the value.
    /// </summary>
    Dither = 0,

    /// <summary>
    /// Stochastic rounding (ActNN, arXiv 2104.14129): the same code, decoded as code · step + minimum. Variance
    /// p (1 − p) step², step² / 6 on average.
    /// </summary>
    Stochastic = 1,
}
