using System.Text;
using OnnxActNN.CustomOps.Interop;

namespace OnnxActNN.Training.Runtime;

/// <summary>The few functions of ONNX Runtime's C API that the managed layer does not offer.</summary>
internal sealed unsafe class OrtNativeApi
{
    private readonly OrtApi _api;

    public OrtNativeApi()
    {
        var apiBase = ManagedRuntime.GetApiBase();
        Version = apiBase->VersionString;
        _api = apiBase->GetApi();
        HasTraining = ((delegate* unmanaged<uint, void*>)_api[OrtApiSlot.GetTrainingApi])(_api.Version) is not null;
    }

    public string Version { get; }

    public bool HasTraining { get; }

    /// <summary>A description of plain host memory, which lives as long as the process.</summary>
    public nint CreateCpuMemoryInfo()
    {
        const int DeviceAllocator = 0;
        const int DefaultMemory = 0;
        nint information;
        Check(((delegate* unmanaged<int, int, nint*, nint>)_api[OrtApiSlot.CreateCpuMemoryInfo])(
            DeviceAllocator, DefaultMemory, &information));
        return information;
    }

    /// <summary>
    /// Offers an <c>OrtAllocator</c> to every session of the environment that asks for shared allocators.
    /// </summary>
    public void RegisterAllocator(nint environment, nint allocator) =>
        Check(((delegate* unmanaged<nint, nint, nint>)_api[OrtApiSlot.RegisterAllocator])(environment, allocator));

    /// <summary>Opens a plain session with these very options and closes it again.</summary>
    /// <remarks>
    /// The managed layer opens plain sessions with a clone of the options, and a clone made by 1.19.2 has lost its
    /// custom operators.
    /// </remarks>
    public void OpenSession(nint environment, string path, nint options)
    {
        var name = (OperatingSystem.IsWindows() ? Encoding.Unicode : Encoding.UTF8).GetBytes(path + '\0');
        nint session;
        fixed (byte* text = name)
        {
            Check(((delegate* unmanaged<nint, byte*, nint, nint*, nint>)_api[OrtApiSlot.CreateSession])(
                environment, text, options, &session));
        }
        ((delegate* unmanaged<nint, void>)_api[OrtApiSlot.ReleaseSession])(session);
    }

    private void Check(nint status)
    {
        if (OrtStatus.TakeError(_api, status) is { } message)
            throw new OrtLibraryException($"ONNX Runtime {Version}: {message}");
    }
}
