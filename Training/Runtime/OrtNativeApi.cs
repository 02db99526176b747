using System.Runtime.InteropServices;

namespace OnnxActNN.Training.Runtime;

/// <summary>The few functions of ONNX Runtime's C API that the managed layer does not offer, by their place in its function table.</summary>
/// <remarks>Places never change between versions (onnxruntime_c_api.h: functions are only appended).</remarks>
internal sealed unsafe class OrtNativeApi
{
    /// <summary>The training functions came with 1.14; every supported runtime answers to its number.</summary>
    private const uint ApiVersion = 14;

    private const int GetErrorMessageSlot = 2;
    private const int CreateCpuMemoryInfoSlot = 69;
    private const int ReleaseStatusSlot = 93;
    private const int RegisterAllocatorSlot = 176;
    private const int UnregisterAllocatorSlot = 177;
    private const int GetTrainingApiSlot = 219;

    private readonly nint* _functions;

    public OrtNativeApi(nint library)
    {
        if (!NativeLibrary.TryGetExport(library, "OrtGetApiBase", out var entry))
            throw new OrtLibraryException("The native library is no ONNX Runtime: it does not export OrtGetApiBase.");
        var apiBase = ((delegate* unmanaged<nint*>)entry)();
        Version = Marshal.PtrToStringUTF8(((delegate* unmanaged<nint>)apiBase[1])()) ?? "";
        _functions = ((delegate* unmanaged<uint, nint*>)apiBase[0])(ApiVersion);
        if (_functions is null)
            throw new OrtLibraryException($"ONNX Runtime {Version} is too old: API version {ApiVersion} (1.14) is needed.");
        HasTraining = ((delegate* unmanaged<uint, void*>)_functions[GetTrainingApiSlot])(ApiVersion) is not null;
    }

    public string Version { get; }

    public bool HasTraining { get; }

    /// <summary>A description of plain host memory, released with the process.</summary>
    public nint CreateCpuMemoryInfo()
    {
        const int DeviceAllocator = 0;
        const int DefaultMemory = 0;
        nint information;
        Check(((delegate* unmanaged<int, int, nint*, nint>)_functions[CreateCpuMemoryInfoSlot])(
            DeviceAllocator, DefaultMemory, &information));
        return information;
    }

    /// <summary>Offers an <c>OrtAllocator</c> to every session of the environment that asks for shared allocators.</summary>
    public void RegisterAllocator(nint environment, nint allocator) =>
        Check(((delegate* unmanaged<nint, nint, nint>)_functions[RegisterAllocatorSlot])(environment, allocator));

    public void UnregisterAllocator(nint environment, nint memoryInformation) =>
        Check(((delegate* unmanaged<nint, nint, nint>)_functions[UnregisterAllocatorSlot])(environment, memoryInformation));

    private void Check(nint status)
    {
        if (status == 0) return;
        var message = Marshal.PtrToStringUTF8(((delegate* unmanaged<nint, nint>)_functions[GetErrorMessageSlot])(status));
        ((delegate* unmanaged<nint, void>)_functions[ReleaseStatusSlot])(status);
        throw new OrtLibraryException($"ONNX Runtime {Version}: {message}");
    }
}
