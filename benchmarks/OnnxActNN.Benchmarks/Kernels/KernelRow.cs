using OnnxActNN.Format;

namespace OnnxActNN.Benchmarks.Kernels;

/// <summary>One kind of tensor to pack and unpack.</summary>
/// <param name="Name">What the rows are.</param>
/// <param name="Type">Element type.</param>
/// <param name="RowLength">Elements of a row.</param>
/// <param name="Format">The pack's attributes.</param>
internal sealed record KernelRow(string Name, ElementType Type, int RowLength, PackFormat Format)
{
    private static readonly (string Name, int RowLength)[] s_shapes =
        [("planes 56x56", 3136), ("planes 28x28", 784), ("planes 14x14", 196), ("planes 7x7", 49), ("rows 768", 768),
        ("flat 256", 256)];

    /// <summary>
    /// 2 bits in every shape and type, zero-exact in every shape, then every width on flat groups of 256.
    /// </summary>
    public static IEnumerable<KernelRow> All()
    {
        ElementType[] types = [ElementType.Float32, ElementType.BFloat16, ElementType.Float16, ElementType.Float64];
        foreach (var type in types)
        {
            foreach (var (name, rowLength) in s_shapes)
                yield return new KernelRow(name, type, rowLength, new PackFormat(CodeWidth.TwoBits, zeroExact: false));
        }

        var zeroExact = new PackFormat(CodeWidth.TwoBits, zeroExact: true);
        foreach (var (name, rowLength) in s_shapes)
            yield return new KernelRow(name, ElementType.Float32, rowLength, zeroExact);
        foreach (var width in CodeWidths.All)
            yield return new KernelRow("flat 256", ElementType.Float32, 256, new PackFormat(width, zeroExact: false));
        yield return new KernelRow(
            "flat 256", ElementType.Float32, 256, zeroExact with { Metadata = MetadataFormat.EightBits });
        yield return new KernelRow(
            "flat 256", ElementType.Float32, 256, zeroExact with { Rounding = RoundingMode.Stochastic });
    }
}
