using System.Text;

namespace OnnxActNN.CustomOps.Interop;

/// <summary>The node that a kernel is made for: its name and attributes; valid while the kernel is created.</summary>
internal readonly unsafe ref struct OrtKernelInfo(OrtApi api, nint info)
{
    /// <summary>The node's name; empty for nodes without one.</summary>
    public string NodeName
    {
        get
        {
            var read = (delegate* unmanaged<nint, byte*, nuint*, nint>)api[OrtApiSlot.KernelInfo_GetNodeName];
            nuint size = 0;
            OrtStatus.ThrowIfError(api, read(info, null, &size));
            var text = new byte[size];
            fixed (byte* first = text) OrtStatus.ThrowIfError(api, read(info, first, &size));
            return Decode(text);
        }
    }

    /// <summary>An integer attribute, or the default where the node does not have it.</summary>
    /// <exception cref="ArgumentException">The node has it with another type.</exception>
    public long GetInt(string name, long otherwise)
    {
        if (TryGetInt(name, out var value)) return value;
        return TryGetFloat(name, out _) || TryGetText(name, out _) ? throw WrongType(name, "an integer") : otherwise;
    }

    /// <summary>A floating-point attribute, or the default where the node does not have it.</summary>
    /// <exception cref="ArgumentException">The node has it with another type.</exception>
    public float GetFloat(string name, float otherwise)
    {
        if (TryGetFloat(name, out var value)) return value;
        return TryGetInt(name, out _) || TryGetText(name, out _) ? throw WrongType(name, "a float") : otherwise;
    }

    /// <summary>A text attribute, or the default where the node does not have it.</summary>
    /// <exception cref="ArgumentException">The node has it with another type.</exception>
    public string GetText(string name, string otherwise)
    {
        if (TryGetText(name, out var value)) return value;
        return TryGetInt(name, out _) || TryGetFloat(name, out _) ? throw WrongType(name, "a text") : otherwise;
    }

    /// <summary>A list of integers, empty where the node does not have the attribute.</summary>
    /// <exception cref="ArgumentException">The node has it with another type.</exception>
    public long[] GetInts(string name)
    {
        if (TryGetInts(name, out var values)) return values;
        return TryGetInt(name, out _) || TryGetFloat(name, out _) || TryGetText(name, out _)
            ? throw WrongType(name, "a list of integers")
            : [];
    }

    private static ArgumentException WrongType(string name, string expected) =>
        new($"attribute '{name}' must be {expected}; correct the node's attribute.");

    private bool TryGetInt(string name, out long value)
    {
        long found = 0;
        fixed (byte* text = Encode(name))
        {
            value = 0;
            if (OrtStatus.TakeError(
                api,
                ((delegate* unmanaged<nint, byte*, long*, nint>)api[OrtApiSlot.KernelInfoGetAttribute_int64])(
                    info, text, &found)) is not null) return false;
        }
        value = found;
        return true;
    }

    private bool TryGetFloat(string name, out float value)
    {
        float found = 0;
        fixed (byte* text = Encode(name))
        {
            value = 0;
            if (OrtStatus.TakeError(
                api,
                ((delegate* unmanaged<nint, byte*, float*, nint>)api[OrtApiSlot.KernelInfoGetAttribute_float])(
                    info, text, &found)) is not null) return false;
        }
        value = found;
        return true;
    }

    private bool TryGetInts(string name, out long[] values)
    {
        var read =
            (delegate* unmanaged<nint, byte*, long*, nuint*, nint>)api[OrtApiSlot.KernelInfoGetAttributeArray_int64];
        values = [];
        fixed (byte* key = Encode(name))
        {
            nuint count = 0;
            if (OrtStatus.TakeError(api, read(info, key, null, &count)) is not null) return false;
            values = new long[count];
            if (count == 0) return true;
            fixed (long* first = values) OrtStatus.ThrowIfError(api, read(info, key, first, &count));
        }
        return true;
    }

    private bool TryGetText(string name, out string value)
    {
        var read = (delegate* unmanaged<nint, byte*, byte*, nuint*, nint>)api[OrtApiSlot.KernelInfoGetAttribute_string];
        value = "";
        fixed (byte* key = Encode(name))
        {
            nuint size = 0;
            if (OrtStatus.TakeError(api, read(info, key, null, &size)) is not null) return false;
            var text = new byte[size];
            fixed (byte* first = text) OrtStatus.ThrowIfError(api, read(info, key, first, &size));
            value = Decode(text);
        }
        return true;
    }

    private static byte[] Encode(string text) => Encoding.UTF8.GetBytes(text + '\0');

    private static string Decode(ReadOnlySpan<byte> text) => Encoding.UTF8.GetString(text).TrimEnd('\0');
}
