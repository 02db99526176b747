using System.Runtime.InteropServices;
using OnnxActNN.CustomOps.Interop;

namespace OnnxActNN.Native;

/// <summary>
/// The file that this library was loaded from. (AppContext.BaseDirectory is the application's folder.)
/// </summary>
internal static unsafe partial class LibraryFile
{
    /// <summary>The folder of the file; null where the loader does not tell.</summary>
    public static string? Folder
    {
        get
        {
            delegate* unmanaged<nint, OrtApiBase*, nint> inside = &OperatorLibrary.RegisterCustomOps;
            return dladdr(inside, out var information) == 0
                ? null
                : Path.GetDirectoryName(Marshal.PtrToStringUTF8((nint)information.FileName));
        }
    }

    [LibraryImport("libc")]
    private static partial int dladdr(void* address, out Information information);

    /// <summary>Dl_info of the C library.</summary>
    private struct Information
    {
#pragma warning disable CS0649 // Written by the C library.
        public byte* FileName;
        public void* BaseAddress;
        public byte* SymbolName;
        public void* SymbolAddress;
#pragma warning restore CS0649
    }
}
