namespace OnnxActNN.Rewriter.IR;

/// <summary>
/// Element type and shape of a tensor; a null <paramref name="Shape"/> means that not even the rank is known.
/// </summary>
internal sealed record TensorType(DataType ElementType, Shape? Shape)
{
    /// <summary>
    /// Bytes at the given sizes, rounded up for types below a byte; null when a size or the element size is unknown.
    /// </summary>
    public long? TryGetBytes(IReadOnlyDictionary<string, long> bindings)
    {
        if (Shape?.Evaluate(bindings) is not { } sizes || ElementType.BitsOf() is not (> 0 and var bits)) return null;
        Int128 elements = 1;
        foreach (var size in sizes)
        {
            if (size < 0) return null;
            elements *= size;
            if (elements > long.MaxValue / 128) return null;
        }
        return (long)((elements * bits + 7) / 8);
    }

    public override string ToString() => $"{ElementType.DisplayName()}{Shape?.ToString() ?? "[?]"}";
}
