using OnnxActNN.Format;

namespace OnnxActNN.Rewriter.Planning;

/// <summary>One way to store a tensor.</summary>
/// <param name="Format">The code; null to keep it exact.</param>
/// <param name="Bytes">Bytes kept.</param>
/// <param name="Variance">What it adds to the gradients' variance; in units of its own where there is no profile.</param>
/// <param name="Cost">The same with the squared bias.</param>
/// <param name="CodeBytes">Bytes of the codes alone.</param>
internal sealed record PlanOption(PackFormat? Format, long Bytes, double Variance, double Cost, double CodeBytes);
