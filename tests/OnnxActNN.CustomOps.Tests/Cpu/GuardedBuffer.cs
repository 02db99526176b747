using System.Runtime.InteropServices;

namespace OnnxActNN.CustomOps.Tests.Cpu;

/// <summary>
/// Memory between two pages that may not be touched: on Linux a read or write out of bounds ends the process, elsewhere
/// a write is found by <see cref="Dispose"/>. The bytes lie against the upper guard, or against the lower one.
/// </summary>
internal sealed unsafe partial class GuardedBuffer : IDisposable
{
    private const int PageBytes = 65536;
    private const int ReadWrite = 3;
    private const int PrivateAnonymous = 0x22;
    private const byte Canary = 0xa5;

    private readonly byte* _base;
    private readonly nuint _mappedBytes;
    private readonly bool _isMapped = OperatingSystem.IsLinux();

    public GuardedBuffer(int length, bool againstUpperGuard = true)
    {
        Length = length;
        var dataBytes = (length + PageBytes - 1) / PageBytes * PageBytes;
        _mappedBytes = (nuint)(dataBytes + 2 * PageBytes);
        _base = _isMapped
            ? (byte*)Map(0, _mappedBytes, ReadWrite, PrivateAnonymous, -1, 0)
            : (byte*)NativeMemory.AlignedAlloc(_mappedBytes, PageBytes);
        new Span<byte>(_base, (int)_mappedBytes).Fill(Canary);
        Pointer = _base + PageBytes + (againstUpperGuard ? dataBytes - length : 0);
        if (_isMapped && (Protect((nint)_base, PageBytes, 0) != 0
            || Protect((nint)(_base + PageBytes + dataBytes), PageBytes, 0) != 0))
        {
            throw new InvalidOperationException("The guard pages could not be protected.");
        }
    }

    public int Length { get; }

    public byte* Pointer { get; }

    public Span<byte> Bytes => new(Pointer, Length);

    public void Dispose()
    {
        var start = _isMapped ? _base + PageBytes : _base;
        var end = _isMapped ? _base + _mappedBytes - PageBytes : _base + _mappedBytes;
        var isIntact = !new Span<byte>(start, (int)(Pointer - start)).ContainsAnyExcept(Canary)
            && !new Span<byte>(Pointer + Length, (int)(end - Pointer - Length)).ContainsAnyExcept(Canary);
        if (_isMapped)
            _ = Unmap((nint)_base, _mappedBytes);
        else
            NativeMemory.AlignedFree(_base);
        if (!isIntact)
            throw new InvalidOperationException("Bytes beside the buffer were written.");
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint length);
}
