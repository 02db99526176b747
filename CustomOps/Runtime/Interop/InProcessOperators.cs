using OnnxActNN.CustomOps.Cuda;
using OnnxActNN.CustomOps.Ops;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Interop;

/// <summary>The operators' domain in the native library that this process's managed layer uses.</summary>
internal static unsafe class InProcessOperators
{
    private static OperatorDomain? _domain;

    /// <summary>Made at first use; after a failure the next use tries again. Not safe from several threads.</summary>
    public static OperatorDomain Domain =>
        _domain ??= new OperatorDomain(
            ManagedRuntime.GetApiBase()->GetApi(), OperatorSchema.Domain, OperatorTable.All, CudaMachine.Kernels);
}
