using System.Runtime.InteropServices;

namespace OnnxActNN.CustomOps.Interop;

/// <summary>
/// The callbacks that say which output is, or may be, which input's buffer. They are told nothing about the operator
/// that they are asked for, so there is one per position.
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

    /// <summary>The callback for a first output in that input's buffer.</summary>
    public static delegate* unmanaged<int**, int**, nuint> OfFirstOutput(int input) => input switch
    {
        0 => &FirstOutput,
        8 => &NinthInput,
        _ => throw new ArgumentOutOfRangeException(nameof(input), input, "There is no callback for that input yet."),
    };

    /// <summary>The callback for the outputs 1 and 2 in the buffers of the inputs 3 and 4.</summary>
    public static delegate* unmanaged<int**, int**, nuint> OfRunningStatistics => &RunningStatistics;

    /// <summary>Nothing to release: the numbers live as long as the process.</summary>
    [UnmanagedCallersOnly]
    public static void Release(int* inputs, int* outputs)
    {
    }

    [UnmanagedCallersOnly]
    private static nuint FirstOutput(int** inputs, int** outputs) => Fill(0, 0, inputs, outputs);

    [UnmanagedCallersOnly]
    private static nuint SecondOutput(int** inputs, int** outputs) => Fill(0, 1, inputs, outputs);

    [UnmanagedCallersOnly]
    private static nuint ThirdOutput(int** inputs, int** outputs) => Fill(0, 2, inputs, outputs);

    [UnmanagedCallersOnly]
    private static nuint NinthInput(int** inputs, int** outputs) => Fill(8, 0, inputs, outputs);

    [UnmanagedCallersOnly]
    private static nuint RunningStatistics(int** inputs, int** outputs) => Fill(3, 1, inputs, outputs, pairs: 2);

    /// <summary>Pairs of an input and an output from these on, each with the next.</summary>
    private static nuint Fill(int input, int output, int** inputs, int** outputs, nuint pairs = 1)
    {
        *inputs = Indices + input;
        *outputs = Indices + output;
        return pairs;
    }

    /// <summary>The numbers from 0 at addresses that stay.</summary>
    private static int* CreateIndices()
    {
        const int Count = 9;
        var indices = (int*)NativeMemory.Alloc(Count, sizeof(int));
        for (var index = 0; index < Count; index++) indices[index] = index;
        return indices;
    }
}
