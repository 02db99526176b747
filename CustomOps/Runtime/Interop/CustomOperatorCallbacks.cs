using System.Runtime.InteropServices;

namespace OnnxActNN.CustomOps.Interop;

/// <summary>
/// What ONNX Runtime calls to learn an operator's signature and to make, run and destroy its kernels.
/// </summary>
internal static unsafe class CustomOperatorCallbacks
{
    private const int Required = 0;
    private const int Optional = 1;
    private const int DefaultMemory = 0;

    /// <summary>OrtMemTypeCPUInput.</summary>
    private const int HostMemory = -2;

    public static void Fill(ref OrtCustomOpTable table, OperatorDefinition definition)
    {
        table.GetName = &GetName;
        table.GetExecutionProviderType = &GetExecutionProviderType;
        table.GetInputType = &GetInputType;
        table.GetInputTypeCount = &GetInputTypeCount;
        table.GetOutputType = &GetOutputType;
        table.GetOutputTypeCount = &GetOutputTypeCount;
        table.GetInputCharacteristic = &GetInputCharacteristic;
        table.GetOutputCharacteristic = &GetOutputCharacteristic;
        table.GetInputMemoryType = &GetInputMemoryType;
        table.GetVariadicInputMinArity = &Zero;
        table.GetVariadicInputHomogeneity = &Zero;
        table.GetVariadicOutputMinArity = &Zero;
        table.GetVariadicOutputHomogeneity = &Zero;
        table.CreateKernelV2 = &CreateKernel;
        table.KernelComputeV2 = &Compute;
        table.KernelDestroy = &Destroy;
        table.GetStartVersion = &FirstVersion;
        table.GetEndVersion = &LastVersion;
        if (definition.OverwritableInput is { } overwritable)
        {
            table.GetMayInplace = AliasMap.OfFirstOutput(overwritable);
            table.ReleaseMayInplace = &AliasMap.Release;
        }
        if (definition.PassThroughOutput is { } output) table.GetAliasMap = AliasMap.ForOutput(output);
        else if (definition.UpdatesRunningStatistics) table.GetAliasMap = AliasMap.OfRunningStatistics;
        else if (definition.OverwrittenInput is { } overwritten)
            table.GetAliasMap = AliasMap.OfFirstOutput(overwritten);
        else return;
        table.ReleaseAliasMap = &AliasMap.Release;
    }

    [UnmanagedCallersOnly]
    private static byte* GetName(CustomOperator* op) => op->Name;

    [UnmanagedCallersOnly]
    private static byte* GetExecutionProviderType(CustomOperator* op) => op->ExecutionProvider;

    [UnmanagedCallersOnly]
    private static OrtElementType GetInputType(CustomOperator* op, nuint index) => op->Definition.Inputs[(int)index];

    [UnmanagedCallersOnly]
    private static nuint GetInputTypeCount(CustomOperator* op) => (nuint)op->Definition.Inputs.Length;

    [UnmanagedCallersOnly]
    private static OrtElementType GetOutputType(CustomOperator* op, nuint index) => op->Definition.Outputs[(int)index];

    [UnmanagedCallersOnly]
    private static nuint GetOutputTypeCount(CustomOperator* op) => (nuint)op->Definition.Outputs.Length;

    [UnmanagedCallersOnly]
    private static int GetInputCharacteristic(CustomOperator* op, nuint index) =>
        (int)index >= op->Definition.FirstOptionalInput ? Optional : Required;

    [UnmanagedCallersOnly]
    private static int GetOutputCharacteristic(CustomOperator* op, nuint index) => Required;

    [UnmanagedCallersOnly]
    private static int GetInputMemoryType(CustomOperator* op, nuint index) =>
        op->Cuda is not null && op->Definition.HostInput == (int)index ? HostMemory : DefaultMemory;

    [UnmanagedCallersOnly]
    private static int Zero(CustomOperator* op) => 0;

    [UnmanagedCallersOnly]
    private static int FirstVersion(CustomOperator* op) => 1;

    [UnmanagedCallersOnly]
    private static int LastVersion(CustomOperator* op) => int.MaxValue;

    [UnmanagedCallersOnly]
    private static nint CreateKernel(CustomOperator* op, void** functions, nint info, nint* kernel)
    {
        var api = new OrtApi(functions, op->Version);
        var place = op->Definition.Name;
        try
        {
            var kernelInfo = new OrtKernelInfo(api, info);
            place = $"{place} '{kernelInfo.NodeName}'";
            var created = new BoundKernel(api, place, op->Definition.CreateKernel(kernelInfo), op->Cuda);
            *kernel = GCHandle.ToIntPtr(GCHandle.Alloc(created));
            return 0;
        }
        catch (Exception error)
        {
            return OrtStatus.FromException(api, error, place);
        }
    }

    [UnmanagedCallersOnly]
    private static nint Compute(nint kernel, nint context) =>
        ((BoundKernel)GCHandle.FromIntPtr(kernel).Target!).Compute(context);

    [UnmanagedCallersOnly]
    private static void Destroy(nint kernel)
    {
        var handle = GCHandle.FromIntPtr(kernel);
        ((BoundKernel)handle.Target!).Dispose();
        handle.Free();
    }
}
