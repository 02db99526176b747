using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using OnnxActNN.CustomOps.Cuda;
using OnnxActNN.CustomOps.Interop;
using OnnxActNN.CustomOps.Ops;
using OnnxActNN.Format;
using OnnxActNN.Training.Runtime;
using OrtApi = OnnxActNN.CustomOps.Interop.OrtApi;
using OrtApiBase = OnnxActNN.CustomOps.Interop.OrtApiBase;

namespace OnnxActNN.GpuCheck.Steps;

/// <summary>The native ONNX Runtime of this process, with the operators for the devices that it may use.</summary>
/// <remarks>
/// The operators are registered without reflection, which a program compiled ahead of time does not have.
/// </remarks>
internal sealed unsafe class StepRuntime
{
    private readonly OrtApiBase* _apiBase;
    private readonly OperatorDomain _operators;

    /// <param name="library">The native library's file or folder; null for the application's own.</param>
    /// <param name="cuda">The kernels on CUDA; null for the CPU alone.</param>
    /// <exception cref="OrtLibraryException">There is no such library.</exception>
    public StepRuntime(string? library, CudaKernels? cuda)
    {
        if (library is not null) OrtLibrary.Use(library);
        _apiBase = ((delegate* unmanaged<OrtApiBase*>)NativeLibrary.GetExport(OrtLibrary.Handle, "OrtGetApiBase"))();
        _operators = new OperatorDomain(_apiBase->GetApi(), OperatorSchema.Domain, OperatorTable.All, cuda);
    }

    public string Version => _apiBase->VersionString;

    /// <summary>Options of a session that runs on a provider, with the operators.</summary>
    public SessionOptions CreateOptions(StepProvider provider)
    {
        var options = new SessionOptions
        {
            EnableMemoryPattern = false,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        provider.AddTo(options);
        _operators.AddTo(options.DangerousGetHandle());
        return options;
    }

    /// <summary>
    /// What an arena says of itself; null where the release cannot tell (before 1.23), or it is no arena.
    /// </summary>
    public ArenaStatistics? StatisticsOf(OrtAllocator allocator)
    {
        const uint SinceVersion = 23;
        if (OrtApiBase.ApiVersionOf(Version) < SinceVersion) return null;
        var functions = _apiBase->TryGetFunctions(SinceVersion);
        return functions is null
            ? null
            : ArenaStatistics.Read(new OrtApi(functions, SinceVersion), allocator.DangerousGetHandle());
    }
}
