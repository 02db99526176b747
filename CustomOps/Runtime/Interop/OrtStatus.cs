using System.Runtime.InteropServices;
using System.Text;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Interop;

/// <summary>The one place where native errors become exceptions and exceptions become native errors.</summary>
internal static unsafe class OrtStatus
{
    /// <summary>Throws what a call reported, and releases it; no status means success.</summary>
    /// <exception cref="OperatorException">The call failed.</exception>
    public static void ThrowIfError(OrtApi api, nint status)
    {
        if (TakeError(api, status) is { } message) throw new OperatorException(message);
    }

    /// <summary>The message of what a call reported, which is released; null means success.</summary>
    public static string? TakeError(OrtApi api, nint status)
    {
        if (status == 0) return null;
        var text = ((delegate* unmanaged<nint, byte*>)api[OrtApiSlot.GetErrorMessage])(status);
        var message = Marshal.PtrToStringUTF8((nint)text) ?? "ONNX Runtime reports an error without a message.";
        ((delegate* unmanaged<nint, void>)api[OrtApiSlot.ReleaseStatus])(status);
        return message;
    }

    /// <summary>A status for the caller on the native side, which owns it. No exception may leave a callback.</summary>
    public static nint FromException(OrtApi api, Exception error, string place)
    {
        var code = error switch
        {
            OperatorException => OrtErrorCode.Fail,
            ArgumentException or PackedFormatException => OrtErrorCode.InvalidArgument,
            _ => OrtErrorCode.RuntimeException,
        };
        // The type says more than the message only where nobody expected the error.
        var detail = code == OrtErrorCode.RuntimeException ? $"{error.GetType().Name}: {error.Message}" : error.Message;
        return Create(api, code, $"{place}: {detail.ReplaceLineEndings(" ")}");
    }

    private static nint Create(OrtApi api, OrtErrorCode code, string message)
    {
        fixed (byte* text = Encoding.UTF8.GetBytes(message + '\0'))
            return ((delegate* unmanaged<OrtErrorCode, byte*, nint>)api[OrtApiSlot.CreateStatus])(code, text);
    }
}
