using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using OnnxActNN.Format.Derivatives;

namespace OnnxActNN.CustomOps.Cpu.Derivatives;

/// <summary>
/// An activation's derivative in float32, by straight lines between points: piece i has f′ at its start and the rise to
/// its end, and f′(x) = start + rise · (t − i) with t = x · scale + offset, cut off at the ends, and i = ⌊t⌋; f′ may
/// jump between two. The table is for the speed: one formula serves all functions, without the exponential function
/// that most of them need.
/// </summary>
internal sealed unsafe class DerivativeTable
{
    private static readonly ConcurrentDictionary<ActivationFunction, DerivativeTable> Known = new();

    // Starts and rises in turns, so that one load of 8 bytes has both. Pinned: kernels hold a pointer.
    private readonly float[] _pieces;

    private DerivativeTable(ActivationDerivative derivative)
    {
        Derivative = derivative;
        var count = (derivative.To - derivative.From) * derivative.PiecesPerUnit;
        Last = count;
        _pieces = GC.AllocateArray<float>(2 * (count + 1), pinned: true);
        for (var piece = 0; piece <= count; piece++)
        {
            _pieces[2 * piece] = (float)derivative.At(StartOf(piece));
            _pieces[2 * piece + 1] = piece < count
                ? (float)(derivative.Before(StartOf(piece + 1)) - derivative.At(StartOf(piece)))
                : 0;
        }

        double StartOf(int piece) => derivative.From + (double)piece / derivative.PiecesPerUnit;
    }

    /// <summary>What the table is of.</summary>
    public ActivationDerivative Derivative { get; }

    /// <summary>Start and rise of each piece, in turns.</summary>
    public float[] Pieces => _pieces;

    /// <summary>The last piece.</summary>
    public float Last { get; }

    /// <summary>What is added to x · <see cref="ScaleFor"/>.</summary>
    public float Offset => -Derivative.From * Derivative.PiecesPerUnit;

    /// <summary>The table of a function; made once.</summary>
    public static DerivativeTable Of(ActivationFunction function) =>
        Known.GetOrAdd(function, key => new DerivativeTable(ActivationDerivative.Of(key)));

    /// <summary>Pieces for each unit of x.</summary>
    /// <param name="alpha">Factor of x.</param>
    public float ScaleFor(float alpha) => alpha * Derivative.PiecesPerUnit;

    /// <summary>f′ of elements that follow each other; the same bits on every tier. NaN gives any value.</summary>
    /// <param name="tier">Instructions to use: one at a time, four or eight.</param>
    /// <param name="x">The elements.</param>
    /// <param name="count">How many.</param>
    /// <param name="alpha">Factor of x.</param>
    /// <param name="y">Room for as many; may be <paramref name="x"/>.</param>
    /// <returns>Whether no element is NaN.</returns>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool Evaluate(KernelTier tier, float* x, int count, float alpha, float* y)
    {
        var (scale, offset, end) = (ScaleFor(alpha), Offset, Last);
        var pieces = (float*)Unsafe.AsPointer(ref _pieces[0]);
        var isNumber = true;
        var element = 0;
        if (tier >= KernelTier.Avx2)
        {
            var (scales, offsets, last) = (Vector256.Create(scale), Vector256.Create(offset), Vector256.Create(end));
            var numbers = Vector256<float>.AllBitsSet;
            var at = stackalloc int[Vector256<int>.Count];
            for (; element <= count - Vector256<float>.Count; element += Vector256<float>.Count)
            {
                var value = Vector256.Load(x + element);
                numbers &= Vector256.Equals(value, value);
                At(value * scales + offsets, last, (ulong*)pieces, at).Store(y + element);
            }
            isNumber = numbers.AsUInt32() == Vector256<uint>.AllBitsSet;
        }
        else if (tier != KernelTier.Scalar)
        {
            var (scales, offsets, last) = (Vector128.Create(scale), Vector128.Create(offset), Vector128.Create(end));
            var numbers = Vector128<float>.AllBitsSet;
            for (; element <= count - Vector128<float>.Count; element += Vector128<float>.Count)
            {
                var value = Vector128.Load(x + element);
                numbers &= Vector128.Equals(value, value);
                At(value * scales + offsets, last, (ulong*)pieces).Store(y + element);
            }
            isNumber = numbers.AsUInt32() == Vector128<uint>.AllBitsSet;
        }
        for (; element < count; element++)
        {
            isNumber &= !float.IsNaN(x[element]);
            y[element] = At(x[element] * scale + offset, end, pieces);
        }
        return isNumber;
    }

    /// <summary>The reference.</summary>
    private static float At(float place, float last, float* pieces)
    {
        var within = place > 0 ? MathF.Min(place, last) : 0; // NaN is in piece 0.
        var piece = (int)within;
        return pieces[2 * piece] + pieces[2 * piece + 1] * (within - piece);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> At(Vector128<float> place, Vector128<float> last, ulong* pieces)
    {
        var within = Vector128.MinNative(place & Vector128.GreaterThan(place, Vector128<float>.Zero), last);
        var piece = Vector128.ConvertToInt32Native(within);
        var low = Vector128.Create(pieces[piece.GetElement(0)], pieces[piece.GetElement(1)]);
        var high = Vector128.Create(pieces[piece.GetElement(2)], pieces[piece.GetElement(3)]);
        var start = Vector128.Narrow(low, high).AsSingle();
        var rise = Vector128.Narrow(low >>> 32, high >>> 32).AsSingle();
        return start + rise * (within - Vector128.ConvertToSingle(piece));
    }

    /// <param name="place">Where each element lies among the pieces.</param>
    /// <param name="last">The last piece.</param>
    /// <param name="pieces">Start and rise of each.</param>
    /// <param name="at">Room for eight numbers; memory of its own would keep this from being inlined.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> At(Vector256<float> place, Vector256<float> last, ulong* pieces, int* at)
    {
        var within = Vector256.MinNative(place & Vector256.GreaterThan(place, Vector256<float>.Zero), last);
        var piece = Vector256.ConvertToInt32Native(within);
        // Loads by numbers from memory take less time than a gather, or than numbers taken out of the vector.
        piece.Store(at);
        // The shuffles take two of each half in turns.
        var low = Vector256.Create(pieces[at[0]], pieces[at[1]], pieces[at[4]], pieces[at[5]]).AsSingle();
        var high = Vector256.Create(pieces[at[2]], pieces[at[3]], pieces[at[6]], pieces[at[7]]).AsSingle();
        var start = Avx.Shuffle(low, high, 0b10_00_10_00);
        var rise = Avx.Shuffle(low, high, 0b11_01_11_01);
        return start + rise * (within - Vector256.ConvertToSingle(piece));
    }
}
