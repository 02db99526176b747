using System.Runtime.InteropServices;
using OnnxActNN.CustomOps.Cuda;

namespace OnnxActNN.CustomOps.Interop;

/// <summary>
/// One operator for one element type on one kind of device, as ONNX Runtime sees it: its structure, and behind that
/// what the callbacks, which get its address back, need. Lives as long as the process, because sessions keep the
/// address.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct CustomOperator
{
    private OrtCustomOpTable _table;
    private GCHandle _definition;
    private GCHandle _cuda;
    private byte* _name;
    private byte* _executionProvider;

    public readonly OperatorDefinition Definition => (OperatorDefinition)_definition.Target!;

    public readonly byte* Name => _name;

    /// <summary>Null for the CPU.</summary>
    public readonly byte* ExecutionProvider => _executionProvider;

    /// <summary>The kernels on CUDA; null for the CPU.</summary>
    public readonly CudaKernels? Cuda => _cuda.IsAllocated ? (CudaKernels)_cuda.Target! : null;

    public readonly uint Version => _table.Version;

    /// <summary>Builds the structure in unmanaged memory that is never freed.</summary>
    public static CustomOperator* Create(OperatorDefinition definition, uint version, CudaKernels? cuda)
    {
        var created = (CustomOperator*)NativeMemory.AllocZeroed((nuint)sizeof(CustomOperator));
        created->_definition = GCHandle.Alloc(definition);
        created->_name = (byte*)Marshal.StringToCoTaskMemUTF8(definition.Name);
        if (cuda is not null)
        {
            created->_cuda = GCHandle.Alloc(cuda);
            created->_executionProvider = (byte*)Marshal.StringToCoTaskMemUTF8("CUDAExecutionProvider");
        }
        CustomOperatorCallbacks.Fill(ref created->_table, definition);
        created->_table.Version = version;
        return created;
    }
}
