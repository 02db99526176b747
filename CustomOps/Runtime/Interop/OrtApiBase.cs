using System.Globalization;
using System.Runtime.InteropServices;

namespace OnnxActNN.CustomOps.Interop;

/// <summary>What OrtGetApiBase points to: the two functions that every release of ONNX Runtime has.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly unsafe struct OrtApiBase
{
    private readonly delegate* unmanaged<uint, void**> _getApi;
    private readonly delegate* unmanaged<byte*> _getVersionString;

    public string VersionString => Marshal.PtrToStringUTF8((nint)_getVersionString()) ?? "";

    /// <summary>
    /// The table at the newest version that both sides know. Releases before 1.30 refuse an operator that states a
    /// newer version than their own, and give no table for it.
    /// </summary>
    /// <exception cref="OperatorException">The release is older than 1.16.</exception>
    public OrtApi GetApi()
    {
        var version = Math.Min(OrtApi.Newest, ApiVersionOf(VersionString));
        var functions = version < OrtApi.Oldest ? null : TryGetFunctions(version);
        if (functions is null)
        {
            throw new OperatorException(
                $"ONNX Runtime {VersionString} is too old for these operators; use 1.{OrtApi.Oldest} or later.");
        }
        return new OrtApi(functions, version);
    }

    /// <summary>The table of a version; null where the release has no such version.</summary>
    public void** TryGetFunctions(uint version) => _getApi(version);

    /// <summary>The table of version 1, which every release gives: enough to report an error.</summary>
    public OrtApi GetOldestApi() => new(_getApi(1), 1);

    /// <summary>The API version a release has: its second number. 0 for text that is no version.</summary>
    internal static uint ApiVersionOf(string release)
    {
        var parts = release.Split('.');
        if (parts.Length < 2 || !TryParse(parts[0], out var major) || !TryParse(parts[1], out var minor)) return 0;
        return major > 1 ? uint.MaxValue : minor;
    }

    private static bool TryParse(string digits, out uint number) =>
        uint.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
