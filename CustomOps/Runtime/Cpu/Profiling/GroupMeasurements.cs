using System.Buffers;

namespace OnnxActNN.CustomOps.Cpu.Profiling;

/// <summary>
/// What was measured of a tensor's groups, in their order. The memory is lent: every node of a step measures into the
/// same, which stays in the cache.
/// </summary>
internal sealed class GroupMeasurements : IDisposable
{
    /// <summary>How much less smaller groups span is a ratio, which a part of the groups tells.</summary>
    public const int PiecesEvery = 8;

    private readonly int _count;
    private readonly MeasuredGroup[] _groups;
    private readonly FineRanges[] _pieces;

    /// <summary>Room for so many groups, to be filled.</summary>
    public GroupMeasurements(int count, bool hasPieces)
    {
        _count = count;
        _groups = ArrayPool<MeasuredGroup>.Shared.Rent(count);
        _pieces = hasPieces ? ArrayPool<FineRanges>.Shared.Rent(PiecesOf(count)) : [];
    }

    public Span<MeasuredGroup> Groups => _groups.AsSpan(0, _count);

    /// <summary>What the pieces of every <see cref="PiecesEvery"/>th group span; empty where nobody asked.</summary>
    public Span<FineRanges> Pieces => _pieces.AsSpan(0, _pieces.Length == 0 ? 0 : PiecesOf(_count));

    public void Dispose()
    {
        ArrayPool<MeasuredGroup>.Shared.Return(_groups);
        if (_pieces.Length > 0) ArrayPool<FineRanges>.Shared.Return(_pieces);
    }

    private static int PiecesOf(int groups) => groups / PiecesEvery + (groups % PiecesEvery == 0 ? 0 : 1);
}
