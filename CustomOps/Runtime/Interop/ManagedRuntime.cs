using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace OnnxActNN.CustomOps.Interop;

/// <summary>The native library that Microsoft.ML.OnnxRuntime.Managed uses in this process.</summary>
/// <remarks>
/// A handle of one native library is worthless in another, so the library must be the same, not just one of the same
/// name: an application may have sent the managed assembly to its own path with
/// <see cref="NativeLibrary.SetDllImportResolver"/>. Only an import of that very assembly goes through its resolver;
/// therefore its own import of OrtGetApiBase is called.
/// </remarks>
internal static unsafe class ManagedRuntime
{
    /// <summary>The native library's entry; loads the library if nothing has before.</summary>
    /// <exception cref="OperatorException">
    /// The managed layer does not declare the import, or there is no native library.
    /// </exception>
    public static OrtApiBase* GetApiBase()
    {
        var import = Type.GetType("Microsoft.ML.OnnxRuntime.NativeMethods, Microsoft.ML.OnnxRuntime")
            ?.GetMethod("OrtGetApiBase", BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
            ?? throw new OperatorException(
                $"{typeof(SessionOptions).Assembly.GetName()} does not import OrtGetApiBase. Use a release from 1.19.2 "
                + "to 1.31.1, or load libonnxactnn with SessionOptions.RegisterCustomOpLibrary.");
        try
        {
            // Declared to return a reference to a structure, which is a plain address at this level.
            return ((delegate*<OrtApiBase*>)import.MethodHandle.GetFunctionPointer())();
        }
        catch (Exception error)
            when (error is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            throw new OperatorException(
                "ONNX Runtime's native library was not found. Reference a package that carries it in the application "
                + "(Microsoft.ML.OnnxRuntime or a variant), or name its path with NativeLibrary.SetDllImportResolver.",
                error);
        }
    }
}
