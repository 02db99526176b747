using System.Numerics;
using System.Runtime.InteropServices;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu;

/// <summary>
/// dX = P · (dY − s) with P decoded on the way and s one number for each row, P's last axis: the gradient of softmax
/// whose row sum is known. It is linear in P, and so as unbiased. dX may be dY's own buffer.
/// </summary>
internal static unsafe class SoftmaxGradFromPacked
{
    /// <param name="tier">Instructions to decode with.</param>
    /// <param name="dY">The gradient of P.</param>
    /// <param name="dims">Dimensions of P.</param>
    /// <param name="packed">P, packed, float32. Any bytes are safe.</param>
    /// <param name="packedBytes">Bytes at <paramref name="packed"/>.</param>
    /// <param name="sums">s, one number for each row of P.</param>
    /// <param name="dX">Room for all elements, or dY itself; all are written.</param>
    /// <param name="loop">Runs the blocks.</param>
    /// <exception cref="PackedFormatException">
    /// The buffer is no pack of a float32 tensor of this shape; nothing was written.
    /// </exception>
    public static void Run(
        KernelTier tier, float* dY, ReadOnlySpan<long> dims, byte* packed, long packedBytes, float* sums, float* dX,
        IParallelLoop loop)
    {
        var decoder = BlockDecoder.OpenFloats(tier, dims, packed, packedBytes);
        var rowLength = dims.IsEmpty ? 1 : dims[^1];
        loop.For(decoder.BlockCount, (start, end) =>
        {
            var weights = (float*)NativeMemory.Alloc((nuint)decoder.LongestBlock, sizeof(float));
            for (var block = start; block < end; block++)
            {
                var first = decoder.FirstElement(block);
                // The decoder writes elements to their places in a tensor: this one begins where the block's first
                // lands in memory.
                var count = decoder.Decode(block, packed, weights - first).Count;
                for (long done = 0; done < count;)
                {
                    var (row, inRow) = Math.DivRem(first + done, rowLength);
                    var length = Math.Min(count - done, rowLength - inRow);
                    Take(weights + done, dY + first + done, sums[row], dX + first + done, length);
                    done += length;
                }
            }
            NativeMemory.Free(weights);
        });
    }

    private static void Take(float* weights, float* dY, float sum, float* dX, long count)
    {
        long i = 0;
        var sums = new Vector<float>(sum);
        for (; i <= count - Vector<float>.Count; i += Vector<float>.Count)
            (System.Numerics.Vector.Load(weights + i) * (System.Numerics.Vector.Load(dY + i) - sums)).Store(dX + i);
        for (; i < count; i++) dX[i] = weights[i] * (dY[i] - sum);
    }
}
