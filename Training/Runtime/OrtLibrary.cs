using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace OnnxActNN.Training.Runtime;

/// <summary>
/// Chooses the native ONNX Runtime of this process: the application's own (the default), or one at a path, such as the
/// last build with training (1.19.2). The choice is made once, before the first use of ONNX Runtime.
/// </summary>
/// <remarks>
/// Microsoft.ML.OnnxRuntime.Managed binds to whatever <c>onnxruntime</c> resolves to, so that one process can use only
/// one native library; to use both, start a process for each.
/// </remarks>
public static class OrtLibrary
{
    private const string ImportName = "onnxruntime";
    private static readonly Lock Gate = new();
    private static readonly Lazy<OrtNativeApi> Native = new(() => new OrtNativeApi());
    private static nint _handle;

    /// <summary>The library file chosen by <see cref="Use"/>; null for the application's own.</summary>
    public static string? ChosenPath { get; private set; }

    /// <summary>The loaded native library; loads it when this is its first use.</summary>
    /// <exception cref="OrtLibraryException">There is none.</exception>
    public static nint Handle
    {
        get
        {
            lock (Gate)
            {
                if (_handle == 0) _handle = LoadOwn();
                return _handle;
            }
        }
    }

    /// <summary>The version of the native library, such as <c>1.19.2</c>.</summary>
    /// <exception cref="OrtLibraryException">There is no native library.</exception>
    public static string Version => Native.Value.Version;

    /// <summary>
    /// Whether the native library can train (<see cref="Microsoft.ML.OnnxRuntime.TrainingSession"/>).
    /// </summary>
    /// <exception cref="OrtLibraryException">There is no native library.</exception>
    public static bool HasTraining => Native.Value.HasTraining;

    internal static OrtNativeApi Api => Native.Value;

    /// <summary>Makes this process use the native library at <paramref name="path"/>.</summary>
    /// <param name="path">The library file; or its folder; or a folder with that folder, named <c>native</c>.</param>
    /// <exception cref="OrtLibraryException">
    /// There is no library at the path, it cannot be loaded, or another one is in use already. Choosing the same again
    /// is no error.
    /// </exception>
    public static void Use(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var file = Find(path);
        lock (Gate)
        {
            if (ChosenPath == file) return;
            if (ChosenPath is not null || _handle != 0 || LoadedNativeLibrary() is not null)
            {
                var loaded = ChosenPath ?? LoadedNativeLibrary() ?? "the application's own";
                throw new OrtLibraryException(
                    $"'{file}' comes too late: this process already uses {loaded}. "
                    + "Choose before the first use of ONNX Runtime.");
            }
            if (!NativeLibrary.TryLoad(file, out _handle))
                throw new OrtLibraryException($"'{file}' cannot be loaded as a native library for this platform.");
            Redirect(file);
            ChosenPath = file;
        }
    }

    private static void Redirect(string file)
    {
        try
        {
            var handle = _handle;
            NativeLibrary.SetDllImportResolver(typeof(SessionOptions).Assembly, (name, _, _) =>
                Path.GetFileNameWithoutExtension(name).Equals(ImportName, StringComparison.OrdinalIgnoreCase)
                    ? handle
                    : 0);
        }
        catch (InvalidOperationException reason)
        {
            _handle = 0;
            throw new OrtLibraryException(
                $"'{file}' comes too late: another part of the application already decides where ONNX Runtime is.",
                reason);
        }
    }

    private static string Find(string path)
    {
        if (File.Exists(path)) return Path.GetFullPath(path);
        var candidates = new[] { Path.Combine(path, FileName), Path.Combine(path, "native", FileName) };
        var found = candidates.FirstOrDefault(File.Exists) ?? throw new OrtLibraryException(
            $"No native ONNX Runtime at '{path}': neither a file, nor a folder with {FileName} or native/{FileName}.");
        return Path.GetFullPath(found);
    }

    private static nint LoadOwn() =>
        NativeLibrary.TryLoad(ImportName, typeof(SessionOptions).Assembly, searchPath: null, out var handle)
            ? handle
            : throw new OrtLibraryException(
                "The application brings no native ONNX Runtime: reference Microsoft.ML.OnnxRuntime, "
                + "or give the path of a library.");

    private static string? LoadedNativeLibrary()
    {
        using var process = Process.GetCurrentProcess();
        return process.Modules.Cast<ProcessModule>().Select(module => module.FileName)
            .FirstOrDefault(name => Path.GetFileName(name).Equals(FileName, StringComparison.OrdinalIgnoreCase));
    }

    private static string FileName =>
        OperatingSystem.IsWindows() ? "onnxruntime.dll"
        : OperatingSystem.IsMacOS() ? "libonnxruntime.dylib"
        : "libonnxruntime.so";
}
