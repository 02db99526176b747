namespace OnnxActNN.Format;

/// <summary>A packed buffer does not hold what its header, or the shape it is unpacked to, says.</summary>
public sealed class PackedFormatException : Exception
{
    /// <summary>Creates the exception.</summary>
    public PackedFormatException()
    {
    }

    /// <summary>Creates the exception with a message that names the field and what was expected.</summary>
    public PackedFormatException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and its cause.</summary>
    public PackedFormatException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
