using System.Globalization;
using System.Runtime.InteropServices;
using OnnxActNN.CustomOps.Interop;

namespace OnnxActNN.GpuCheck.Steps;

/// <summary>What an arena of ONNX Runtime has handed out.</summary>
/// <param name="PeakBytes">Most bytes in use at once since the session was opened.</param>
/// <param name="TakenBytes">Bytes that the arena has taken from the device.</param>
internal sealed record ArenaStatistics(long PeakBytes, long TakenBytes)
{
    /// <summary>Asks an allocator; null where it keeps no statistics.</summary>
    public static unsafe ArenaStatistics? Read(OrtApi api, nint allocator)
    {
        nint pairs;
        OrtStatus.ThrowIfError(
            api, ((delegate* unmanaged<nint, nint*, nint>)api[OrtApiSlot.AllocatorGetStats])(allocator, &pairs));
        try
        {
            byte** names;
            byte** values;
            nuint count;
            ((delegate* unmanaged<nint, byte***, byte***, nuint*, void>)api[OrtApiSlot.GetKeyValuePairs])(
                pairs, &names, &values, &count);
            var all = new Dictionary<string, string>();
            for (nuint i = 0; i < count; i++) all[Text(names[i])] = Text(values[i]);
            return all.TryGetValue("MaxInUse", out var peak) && all.TryGetValue("TotalAllocated", out var taken)
                ? new ArenaStatistics(Number(peak), Number(taken))
                : null;
        }
        finally
        {
            ((delegate* unmanaged<nint, void>)api[OrtApiSlot.ReleaseKeyValuePairs])(pairs);
        }
    }

    private static unsafe string Text(byte* text) => Marshal.PtrToStringUTF8((nint)text) ?? "";

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
