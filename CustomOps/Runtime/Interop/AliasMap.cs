using System.Runtime.InteropServices;

namespace OnnxActNN.CustomOps.Interop;

/// <summary>
/// The callbacks that say which output is the first input's buffer. They are told nothing about the operator that they
/// are asked for, so there is one per output position.
/// </summary>
internal static unsafe class AliasMap
{
    private static readonly int* Indices = CreateIndices();

    /// <summary>The callback for an alias of the first input at that output.</summary>
    public static delegate* unmanaged<int**, int**, nuint> ForOutput(int output) => output switch
    {
        0 => &FirstOutput,
        1 => &SecondOutput,
        2 => &ThirdOutput,
        _ => throw new ArgumentOutOfRangeException(nameof(output), output, "There is no callback for that output yet."),
    };

    /// <summary>Nothing to release: the numbers live as long as the process.</summary>
    [UnmanagedCallersOnly]
    public static void Release(int* inputs, int* outputs)
    {
    }

    [UnmanagedCallersOnly]
    private static nuint FirstOutput(int** inputs, int** outputs) => Fill(0, inputs, outputs);

    [UnmanagedCallersOnly]
    private static nuint SecondOutput(int** inputs, int** outputs) => Fill(1, inputs, outputs);

    [UnmanagedCallersOnly]
    private static nuint ThirdOutput(int** inputs, int** outputs) => Fill(2, inputs, outputs);

    private static nuint Fill(int output, int** inputs, int** outputs)
    {
        *inputs = Indices;
        *outputs = Indices + output;
        return 1;
    }

    /// <summary>The numbers 0, 1, 2 at addresses that stay.</summary>
    private static int* CreateIndices()
    {
        var indices = (int*)NativeMemory.Alloc(3, sizeof(int));
        for (var index = 0; index < 3; index++) indices[index] = index;
        return indices;
    }
}
