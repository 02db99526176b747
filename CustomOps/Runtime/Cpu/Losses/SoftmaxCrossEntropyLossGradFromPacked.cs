using System.Numerics;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu.Losses;

/// <summary>
/// dX = r · (P − onehot(label)), P the packed probabilities, of dimensions [N, classes, ...], and r the factor of each
/// label (<see cref="LabelFactors"/>): the gradient of a softmax and its cross entropy. It is linear in P, and so as
/// unbiased.
/// </summary>
internal static unsafe class SoftmaxCrossEntropyLossGradFromPacked
{
    /// <param name="tier">Instructions to decode with.</param>
    /// <param name="dims">Dimensions of P, at least 2.</param>
    /// <param name="packed">P, packed, float32. Any bytes are safe.</param>
    /// <param name="packedBytes">Bytes at <paramref name="packed"/>.</param>
    /// <param name="labels">The labels, in the order of P without its classes; those whose factor is not 0 are
    /// classes.</param>
    /// <param name="factors">As many, of <see cref="LabelFactors"/>.</param>
    /// <param name="dX">Room for all elements; all are written.</param>
    /// <param name="loop">Runs the blocks.</param>
    /// <exception cref="PackedFormatException">
    /// The buffer is no pack of a float32 tensor of this shape; nothing was written.
    /// </exception>
    public static void Run(
        KernelTier tier, ReadOnlySpan<long> dims, byte* packed, long packedBytes, long[] labels, float[] factors,
        float* dX, IParallelLoop loop)
    {
        var decoder = BlockDecoder.OpenFloats(tier, dims, packed, packedBytes);
        var (classes, places) = (dims[1], 1L);
        foreach (var size in dims[2..]) places *= size;
        loop.For(decoder.BlockCount, (start, end) =>
        {
            for (var block = start; block < end; block++)
            {
                var (first, count) = decoder.Decode(block, packed, dX);
                if (places == 1) ScaleRows(dX, first, count, classes, factors);
                else ScalePlaces(dX, first, count, classes, places, factors);
            }
        });
        for (long i = 0; i < labels.Length; i++)
        {
            if (factors[i] == 0) continue; // Ignored labels are no classes.
            var (sample, place) = Math.DivRem(i, places);
            dX[(sample * classes + labels[i]) * places + place] -= factors[i];
        }
    }

    /// <summary>A row of classes has one factor.</summary>
    private static void ScaleRows(float* dX, long first, long count, long classes, float[] factors)
    {
        for (var at = first; at < first + count;)
        {
            var (row, inRow) = Math.DivRem(at, classes);
            var length = Math.Min(first + count - at, classes - inRow);
            var factor = factors[row];
            if (factor == 0) new Span<float>(dX + at, (int)length).Clear();
            else Scale(dX + at, length, factor);
            at += length;
        }
    }

    private static void Scale(float* x, long count, float factor)
    {
        long i = 0;
        for (; i <= count - Vector<float>.Count; i += Vector<float>.Count)
            (System.Numerics.Vector.Load(x + i) * factor).Store(x + i);
        for (; i < count; i++) x[i] *= factor;
    }

    /// <summary>Neighbouring elements are places of one class, with a factor each.</summary>
    private static void ScalePlaces(float* dX, long first, long count, long classes, long places, float[] factors)
    {
        for (var at = first; at < first + count; at++)
        {
            var (plane, place) = Math.DivRem(at, places);
            var factor = factors[plane / classes * places + place];
            dX[at] = factor == 0 ? 0 : dX[at] * factor;
        }
    }
}
