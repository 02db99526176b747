using System.Runtime.InteropServices;
using OnnxActNN.CustomOps.Cuda;
using OnnxActNN.CustomOps.Interop;
using OnnxActNN.CustomOps.Ops;
using OnnxActNN.Format;

namespace OnnxActNN.Native;

/// <summary>What ONNX Runtime finds in this shared library, from Python, C++ or C#.</summary>
internal static unsafe class OperatorLibrary
{
    private static readonly Lock Gate = new();

    // One for each native ONNX Runtime in the process (a Python module and a C++ library can bring one each).
    private static readonly Dictionary<nint, OperatorDomain> Domains = [];

    /// <summary>
    /// Registers the operators for the sessions opened with these options: the C function <c>RegisterCustomOps</c> that
    /// <c>register_custom_ops_library</c> and <c>RegisterCustomOpLibrary</c> call.
    /// </summary>
    /// <returns>OrtStatus*, 0 for success. ONNX Runtime releases before 1.16 end in an error that says so.</returns>
    [UnmanagedCallersOnly(EntryPoint = "RegisterCustomOps")]
    public static nint RegisterCustomOps(nint sessionOptions, OrtApiBase* apiBase)
    {
        if (WiderLibrary.RegisterCustomOps is not 0 and var wider)
            return ((delegate* unmanaged<nint, OrtApiBase*, nint>)wider)(sessionOptions, apiBase);
        try
        {
            lock (Gate) DomainFor(apiBase).AddTo(sessionOptions);
            return 0;
        }
        catch (Exception error)
        {
            return OrtStatus.FromException(apiBase->GetOldestApi(), error, "libonnxactnn");
        }
    }

    private static OperatorDomain DomainFor(OrtApiBase* apiBase)
    {
        if (!Domains.TryGetValue((nint)apiBase, out var domain))
        {
            domain = new OperatorDomain(
                apiBase->GetApi(), OperatorSchema.Domain, OperatorTable.All, CudaMachine.Kernels);
            Domains.Add((nint)apiBase, domain);
        }
        return domain;
    }
}
