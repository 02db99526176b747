using System.Runtime.InteropServices;
using OnnxActNN.CustomOps.Cpu.Losses;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cuda;

/// <summary>
/// What the kernels of a loss's gradient take besides the tensors; LossArguments in
/// Kernels/softmax_cross_entropy_loss.cu.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct LossArguments
{
    public UnpackArguments Tensor;
    public long First;
    public long End;
    public long Classes;
    public long Places;
    public long LabelCount;
    public long IgnoredLabel;
    public int HasIgnoredLabel;
    public int HasWeights;
    public int AreLabelsWide;
    public int Reduction;

    /// <param name="packedBytes">Bytes of the packed probabilities.</param>
    /// <param name="dims">Dimensions of the probabilities, at least 2.</param>
    /// <param name="factors">What the labels' parts of the gradient are multiplied by.</param>
    /// <param name="labels">The labels.</param>
    /// <param name="hasWeights">Whether classes have weights.</param>
    public LossArguments(
        long packedBytes, ReadOnlySpan<long> dims, LabelFactors factors, LabelAddresses labels, bool hasWeights)
    {
        Tensor = new UnpackArguments(packedBytes, dims, UnpackOutput.Value);
        End = Tensor.ElementCount;
        (Classes, Places, LabelCount) = (dims[1], 1, labels.Count);
        foreach (var size in dims[2..]) Places *= size;
        IgnoredLabel = factors.IgnoreIndex ?? 0;
        HasIgnoredLabel = factors.IgnoreIndex is null ? 0 : 1;
        HasWeights = hasWeights ? 1 : 0;
        AreLabelsWide = labels.AreWide ? 1 : 0;
        Reduction = (int)factors.Reduction;
    }
}
