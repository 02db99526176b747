using OnnxActNN.Format;

namespace OnnxActNN.Rewriter.Planning;

/// <summary>One way to store a tensor.</summary>
/// <param name="Decision">Quantize, Exact or Rebuild.</param>
/// <param name="Format">The code, of Quantize.</param>
/// <param name="Bytes">Bytes kept.</param>
/// <param name="Variance">
/// What it adds to the gradients' variance; in units of its own where there is no profile.
/// </param>
/// <param name="Cost">The same with the squared bias.</param>
/// <param name="CodeBytes">
/// Bytes of the codes, and what metadata take more or less than those of the options' groups; of a rebuilt tensor,
/// bytes of its mask.
/// </param>
internal sealed record PlanOption(
    StorageDecision Decision, PackFormat? Format, long Bytes, double Variance, double Cost, double CodeBytes)
{
    /// <summary>Most elements in a group where it is not what the options say; else 0.</summary>
    public int GroupSize { get; init; }
}
