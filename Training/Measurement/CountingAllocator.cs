using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using OnnxActNN.Training.Runtime;

namespace OnnxActNN.Training.Measurement;

/// <summary>
/// A host allocator for ONNX Runtime that counts: exact bytes in use and their peak. Sessions opened with
/// <see cref="SessionSettings.SharedAllocator"/> take all their tensors from it; training sessions opened from files
/// refuse it.
/// </summary>
/// <remarks>One per process, registered with ONNX Runtime's environment for the rest of the process's life.</remarks>
internal static unsafe class CountingAllocator
{
    /// <summary>Before each block stands its size; the block itself is aligned as ONNX Runtime's own are.</summary>
    private const int HeaderBytes = 64;

    /// <summary>The structure's version: that of the first three functions alone.</summary>
    private const uint StructureVersion = 14;

    private static readonly Lock Gate = new();
    private static Structure* _structure;
    private static nint _information;
    private static long _inUse;
    private static long _peak;

    /// <summary>Bytes in use now.</summary>
    public static long InUse => Interlocked.Read(ref _inUse);

    /// <summary>Most bytes in use since the last <see cref="ResetPeak"/>.</summary>
    public static long Peak => Interlocked.Read(ref _peak);

    /// <summary>Makes the environment offer this allocator; again is no error.</summary>
    /// <exception cref="OrtLibraryException">ONNX Runtime refuses it.</exception>
    public static void Register()
    {
        lock (Gate)
        {
            if (_structure is not null) return;
            _information = OrtLibrary.Api.CreateCpuMemoryInfo();
            var structure = (Structure*)NativeMemory.AllocZeroed((nuint)sizeof(Structure));
            structure->Version = StructureVersion;
            structure->Allocate = &Allocate;
            structure->Free = &Free;
            structure->Information = &Information;
            OrtLibrary.Api.RegisterAllocator(OrtEnv.Instance().DangerousGetHandle(), (nint)structure);
            _structure = structure;
        }
    }

    /// <summary>Starts a new peak from what is in use now.</summary>
    public static void ResetPeak() => Interlocked.Exchange(ref _peak, InUse);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void* Allocate(Structure* self, nuint size)
    {
        var block = (byte*)AllocateAligned(size);
        if (block is null) return null;
        *(nuint*)block = size;
        var inUse = Interlocked.Add(ref _inUse, (long)size);
        for (var peak = Peak; inUse > peak;)
        {
            var seen = Interlocked.CompareExchange(ref _peak, inUse, peak);
            if (seen == peak) break;
            peak = seen;
        }
        return block + HeaderBytes;
    }

    /// <summary>Null where memory is out: an exception must not cross into native code.</summary>
    private static void* AllocateAligned(nuint size)
    {
        try
        {
            return NativeMemory.AlignedAlloc(checked(size + HeaderBytes), HeaderBytes);
        }
        catch (Exception reason) when (reason is OutOfMemoryException or OverflowException)
        {
            return null;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Free(Structure* self, void* pointer)
    {
        if (pointer is null) return;
        var block = (byte*)pointer - HeaderBytes;
        Interlocked.Add(ref _inUse, -(long)*(nuint*)block);
        NativeMemory.AlignedFree(block);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint Information(Structure* self) => _information;

    /// <summary>
    /// OrtAllocator of onnxruntime_c_api.h; later versions have functions behind these, which are optional and stay
    /// null.
    /// </summary>
    [StructLayout(LayoutKind.Sequential, Size = 128)]
    private struct Structure
    {
        public uint Version;
        public delegate* unmanaged[Cdecl]<Structure*, nuint, void*> Allocate;
        public delegate* unmanaged[Cdecl]<Structure*, void*, void> Free;
        public delegate* unmanaged[Cdecl]<Structure*, nint> Information;
    }
}
