namespace OnnxActNN.CustomOps.Interop;

/// <summary>A tensor that belongs to ONNX Runtime; valid during one call of a kernel.</summary>
internal readonly unsafe ref struct OrtTensor
{
    private OrtTensor(OrtElementType elementType, long[] dimensions, byte* data)
    {
        ElementType = elementType;
        Dimensions = dimensions;
        Data = data;
    }

    public OrtElementType ElementType { get; }

    /// <summary>Null where the tensor is an input that the node leaves out.</summary>
    public long[] Dimensions { get; }

    /// <summary>The first element; may be null when there are none.</summary>
    public byte* Data { get; }

    /// <summary>Whether this is an input that the node leaves out. One without elements is none of these.</summary>
    public bool IsAbsent => Dimensions is null;

    /// <summary>Elements; 1 for a scalar, 0 as soon as one dimension is 0, and where the input is left out.</summary>
    public long Count
    {
        get
        {
            if (IsAbsent) return 0;
            long count = 1;
            foreach (var dimension in Dimensions) count = checked(count * dimension);
            return count;
        }
    }

    /// <summary>Wraps an OrtValue that holds a tensor.</summary>
    public static OrtTensor Of(OrtApi api, nint value)
    {
        byte* data;
        OrtStatus.ThrowIfError(
            api, ((delegate* unmanaged<nint, byte**, nint>)api[OrtApiSlot.GetTensorMutableData])(value, &data));
        nint information;
        OrtStatus.ThrowIfError(
            api, ((delegate* unmanaged<nint, nint*, nint>)api[OrtApiSlot.GetTensorTypeAndShape])(value, &information));
        try
        {
            return new OrtTensor(ReadElementType(api, information), ReadDimensions(api, information), data);
        }
        finally
        {
            ((delegate* unmanaged<nint, void>)api[OrtApiSlot.ReleaseTensorTypeAndShapeInfo])(information);
        }
    }

    private static OrtElementType ReadElementType(OrtApi api, nint information)
    {
        OrtElementType type;
        OrtStatus.ThrowIfError(
            api,
            ((delegate* unmanaged<nint, OrtElementType*, nint>)api[OrtApiSlot.GetTensorElementType])(
                information, &type));
        return type;
    }

    private static long[] ReadDimensions(OrtApi api, nint information)
    {
        nuint rank;
        OrtStatus.ThrowIfError(
            api, ((delegate* unmanaged<nint, nuint*, nint>)api[OrtApiSlot.GetDimensionsCount])(information, &rank));
        var dimensions = new long[rank];
        fixed (long* first = dimensions)
        {
            OrtStatus.ThrowIfError(
                api,
                ((delegate* unmanaged<nint, long*, nuint, nint>)api[OrtApiSlot.GetDimensions])(
                    information, first, rank));
        }
        return dimensions;
    }
}
