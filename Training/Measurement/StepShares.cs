using OnnxActNN.Format;

namespace OnnxActNN.Training.Measurement;

/// <summary>
/// Which kinds of node a step spends its time in, as parts of the time within kernels; they add up to 1.
/// </summary>
/// <param name="Pack">QuantizePack, MaskPack, IndexPack and whatever else packs in the forward pass.</param>
/// <param name="Unpack">
/// UnpackDequant, MaskUnpack: packed bytes become the tensor that a standard operator reads.
/// </param>
/// <param name="Rebuild">
/// Operators that read packed bytes themselves: rebuilt tensors and gradients from codes, masks and indices. Gradient
/// operators among these stand in for an operator of the original.
/// </param>
/// <param name="Profile">Nodes that measure.</param>
/// <param name="Other">All else, pass-throughs among it.</param>
public sealed record StepShares(double Pack, double Unpack, double Rebuild, double Profile, double Other)
{
    private const string PackSuffix = "Pack";
    private const string UnpackMark = "Unpack";
    private const string DirectMark = "From";

    /// <summary>Adds up the kernels of runs.</summary>
    /// <param name="kernels">Of one run or of several; by the operator's name, since a profile names no domain.</param>
    internal static StepShares Of(IEnumerable<ExecutedKernel> kernels)
    {
        var times = new Dictionary<Kind, double>();
        foreach (var kernel in kernels)
        {
            var kind = KindOf(kernel.Operator);
            times[kind] = times.GetValueOrDefault(kind) + kernel.Duration.TotalMilliseconds;
        }
        var total = times.Values.Sum();
        return new StepShares(
            Share(Kind.Pack), Share(Kind.Unpack), Share(Kind.Rebuild), Share(Kind.Profile), Share(Kind.Other));

        // A profile counts microseconds; a step of nothing but shorter kernels tells no shares.
        double Share(Kind kind) => total > 0 ? times.GetValueOrDefault(kind) / total : kind == Kind.Other ? 1 : 0;
    }

    private static Kind KindOf(string op)
    {
        if (op == OperatorSchema.ActProfile.Name) return Kind.Profile;
        if (op.Contains(UnpackMark, StringComparison.Ordinal)) return Kind.Unpack;
        if (op.EndsWith(PackSuffix, StringComparison.Ordinal)) return Kind.Pack;
        return op.Contains(DirectMark, StringComparison.Ordinal) ? Kind.Rebuild : Kind.Other;
    }

    private enum Kind
    {
        Pack,
        Unpack,
        Rebuild,
        Profile,
        Other,
    }
}
