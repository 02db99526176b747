using OnnxActNN.CustomOps.Cpu;

namespace OnnxActNN.CustomOps.Tests.Cpu;

/// <summary>
/// A damaged packed tensor and all memory that a kernel gets with it. Each piece lies between pages that must not be
/// touched.
/// </summary>
internal sealed unsafe class DamagedTensor : IDisposable
{
    private readonly List<GuardedBuffer> _buffers = [];
    private readonly GuardedBuffer _packed;
    private readonly Random _random;

    /// <param name="tier">Kernels to read it with.</param>
    /// <param name="packed">The damaged bytes.</param>
    /// <param name="dims">The dimensions that a shape carrier claims for it.</param>
    /// <param name="seed">Of all that the case decides by chance.</param>
    public DamagedTensor(KernelTier tier, byte[] packed, long[] dims, int seed)
    {
        (Tier, Dims, _random) = (tier, dims, new Random(seed));
        _packed = Guard(packed.Length);
        packed.CopyTo(_packed.Bytes);
    }

    public KernelTier Tier { get; }

    public long[] Dims { get; }

    public byte* Packed => _packed.Pointer;

    public long PackedBytes => _packed.Length;

    /// <summary>Numbers from −1 to 1, now and then one that is not finite.</summary>
    public float* Numbers(long count)
    {
        var numbers = (float*)Guard(checked((int)count * sizeof(float))).Pointer;
        for (long i = 0; i < count; i++)
        {
            numbers[i] = _random.Next(20) switch
            {
                0 => float.NaN,
                1 => float.NegativeInfinity,
                _ => 2 * _random.NextSingle() - 1,
            };
        }
        return numbers;
    }

    /// <summary>Room for what a kernel writes.</summary>
    public byte* Room(long bytes) => Guard(checked((int)bytes)).Pointer;

    /// <inheritdoc cref="Random.Next(int)"/>
    public int Next(int end) => _random.Next(end);

    public T OneOf<T>(params T[] choices) => choices[_random.Next(choices.Length)];

    /// <summary>Frees the memory.</summary>
    /// <exception cref="InvalidOperationException">Bytes beside a buffer were written.</exception>
    public void Dispose()
    {
        foreach (var buffer in _buffers) buffer.Dispose();
    }

    /// <summary>Against the upper guard or against the lower one, by chance.</summary>
    private GuardedBuffer Guard(int length)
    {
        var buffer = new GuardedBuffer(length, againstUpperGuard: _random.Next(3) > 0);
        _buffers.Add(buffer);
        return buffer;
    }
}
