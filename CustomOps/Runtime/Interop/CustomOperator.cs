using System.Runtime.InteropServices;

namespace OnnxActNN.CustomOps.Interop;

/// <summary>
/// One operator for one element type, as ONNX Runtime sees it: its structure, and behind that what the callbacks, which
/// get its address back, need. Lives as long as the process, because sessions keep the address.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct CustomOperator
{
    private OrtCustomOpTable _table;
    private GCHandle _definition;
    private byte* _name;

    public readonly OperatorDefinition Definition => (OperatorDefinition)_definition.Target!;

    public readonly byte* Name => _name;

    public readonly uint Version => _table.Version;

    /// <summary>Builds the structure in unmanaged memory that is never freed.</summary>
    public static CustomOperator* Create(OperatorDefinition definition, uint version)
    {
        var created = (CustomOperator*)NativeMemory.AllocZeroed((nuint)sizeof(CustomOperator));
        created->_definition = GCHandle.Alloc(definition);
        created->_name = (byte*)Marshal.StringToCoTaskMemUTF8(definition.Name);
        CustomOperatorCallbacks.Fill(ref created->_table, definition);
        created->_table.Version = version;
        return created;
    }
}
