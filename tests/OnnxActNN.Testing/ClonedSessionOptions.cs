using System.Runtime.InteropServices;
using OnnxActNN.CustomOps.Interop;

namespace OnnxActNN.Testing;

/// <summary>
/// Lets inference sessions know our operators where Microsoft.ML.OnnxRuntime.Managed 1.31 runs on the 1.19.2 native
/// library, which only tests do. That managed layer opens each inference session with a clone of the options, and
/// 1.19.2's clone forgets operators; a training session gets the options themselves, and the managed layer of 1.19.2
/// does not clone.
/// </summary>
internal static unsafe class ClonedSessionOptions
{
    private const int CloneSessionOptions = 12;

    private static readonly List<OperatorDomain> Others = [];

    private static delegate* unmanaged<nint, nint*, nint> _clone;

    /// <summary>Adds a test's own operators to all inference sessions from now on.</summary>
    public static void KeepAlso(OperatorDomain domain)
    {
        lock (Others) Others.Add(domain);
    }

    /// <summary>
    /// Puts a function that adds the operators in the place of CloneSessionOptions, in the table that the tests' native
    /// library makes for a newer managed layer. Call it before ONNX Runtime is used.
    /// </summary>
    public static void KeepOperators(nint library)
    {
        var getApiBase = (delegate* unmanaged<OrtApiBase*>)NativeLibrary.GetExport(library, "OrtGetApiBase");
        var apiBase = getApiBase();
        var newer = apiBase->TryGetFunctions(OrtApiBase.ApiVersionOf(apiBase->VersionString) + 1);
        if (newer is null) return;
        _clone = (delegate* unmanaged<nint, nint*, nint>)newer[CloneSessionOptions];
        newer[CloneSessionOptions] = (delegate* unmanaged<nint, nint*, nint>)&CloneWithOperators;
    }

    [UnmanagedCallersOnly]
    private static nint CloneWithOperators(nint options, nint* clone)
    {
        var status = _clone(options, clone);
        if (status != 0) return status;
        InProcessOperators.Domain.AddTo(*clone);
        lock (Others)
        {
            foreach (var domain in Others) domain.AddTo(*clone);
        }
        return status;
    }
}
