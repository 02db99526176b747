using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;

namespace OnnxActNN.Training.Measurement;

/// <summary>
/// A hard limit on the memory of this process, which the kernel keeps: RLIMIT_DATA, bytes of private writable mappings.
/// An allocation beyond it fails, in native and managed code alike.
/// </summary>
/// <remarks>
/// <para>
/// It counts what a program allocates and neither libraries nor files that are mapped, nor what is reserved without
/// being writable, so .NET's and ONNX Runtime's reservations are free, other than under RLIMIT_AS. A control group
/// would count resident pages, kill the process in place of refusing memory, and need rights.
/// </para>
/// <para>
/// .NET's collector must know the limit, or it grows its heap until it is refused and the process ends; it reads its
/// own limit before any code runs, so the process that starts this one sets it (<see cref="ConfigureCollector"/>).
/// </para>
/// </remarks>
internal static partial class DataLimit
{
    private const int DataResource = 2;

    /// <summary>What ONNX Runtime and the C++ library say when memory is refused.</summary>
    private static readonly string[] Refusals =
        ["bad_alloc", "Failed to allocate", "failed to allocate", "out of memory", "OutOfMemory",
        "Insufficient memory"];

    /// <summary>Whether this system has the limit.</summary>
    public static bool IsSupported => OperatingSystem.IsLinux();

    /// <summary>Limits this process, for the rest of its life.</summary>
    /// <param name="bytes">Most bytes of private writable mappings, with those that are there already.</param>
    /// <exception cref="MeasureException">The system has no such limit, or refuses it.</exception>
    public static void Apply(long bytes)
    {
        if (!IsSupported) throw new MeasureException("A hard memory limit is to be had on Linux alone.");
        var limit = new Limit((nuint)bytes, (nuint)bytes);
        if (SetLimit(DataResource, ref limit) != 0)
        {
            var reason = new Win32Exception(Marshal.GetLastPInvokeError()).Message;
            throw new MeasureException($"The system refuses a limit of {bytes} bytes: {reason}.");
        }
    }

    /// <summary>Tells the collector of a process that is to be started about its limit.</summary>
    public static void ConfigureCollector(IDictionary<string, string?> environment, long bytes) =>
        environment["DOTNET_GCHeapHardLimit"] = bytes.ToString("x", CultureInfo.InvariantCulture);

    /// <summary>Whether an error says that memory was refused.</summary>
    public static bool IsRefusal(Exception reason) =>
        Refusals.Any(text => reason.Message.Contains(text, StringComparison.Ordinal));

    [LibraryImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    private static partial int SetLimit(int resource, ref Limit limit);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Limit(nuint Soft, nuint Hard);
}
