using OnnxActNN.Format;
using OnnxActNN.Format.Derivatives;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Passes;

/// <summary>Writes what a pack does as node attributes.</summary>
/// <param name="seed">Of the codes' random numbers.</param>
internal sealed class PackAttributeWriter(long seed)
{
    /// <summary>Most tensors have one of a few formats, and attributes never change.</summary>
    private readonly Dictionary<PackFormat, NodeAttribute[]> _ofFormats = [];

    /// <param name="pack">The pack, which has no attributes yet.</param>
    /// <param name="format">The code.</param>
    /// <param name="tensorId">What tells the tensor's random numbers from others'.</param>
    public void Write(Node pack, PackFormat format, long tensorId)
    {
        if (!_ofFormats.TryGetValue(format, out var known)) _ofFormats.Add(format, known = AttributesOf(format));
        foreach (var attribute in known) pack.Attributes.Add(attribute);
        WriteRounding(pack, format.Rounding, tensorId);
        if (format.Grid != CodeGrid.Uniform)
            pack.Attributes.Set(PackAttributes.Grid, PackAttributes.TextOf(format.Grid));
        if (format.Shares.IsUniform) return;
        pack.Attributes.Set(PackAttributes.WidthShares, new AttributeValue.Ints(format.Shares.ToList()));
        if (format.Order == WidthOrder.Range) return;
        pack.Attributes.Set(PackAttributes.WidthOrder, PackAttributes.TextOf(format.Order));
    }

    /// <inheritdoc cref="Write(Node, PackFormat, long)"/>
    public void Write(Node pack, DerivativeFormat format, long tensorId)
    {
        new DerivativeOf(format.Function, format.Alpha).Write(pack);
        pack.Attributes.Set(PackAttributes.Levels, CodeWidths.Levels(format.Width));
        WriteRounding(pack, format.Rounding, tensorId);
    }

    public static void Write(Node pack, MaskBits bits)
    {
        pack.Attributes.Set(MaskAttributes.Test, MaskAttributes.TextOf(bits.Test));
        if (bits.Test != MaskTest.Inside) return;
        if (!float.IsNegativeInfinity(bits.Min))
            pack.Attributes.Set(MaskAttributes.Min, new AttributeValue.Float(bits.Min));
        if (!float.IsPositiveInfinity(bits.Max))
            pack.Attributes.Set(MaskAttributes.Max, new AttributeValue.Float(bits.Max));
    }

    public static void Write(Node pack, PoolingWindow window)
    {
        Set(PoolingAttributes.KernelShape, window.KernelShape);
        Set(PoolingAttributes.Strides, window.Strides);
        Set(PoolingAttributes.Dilations, window.Dilations);
        Set(PoolingAttributes.Pads, [.. window.PadsBegin, .. window.PadsEnd]);

        void Set(string name, IReadOnlyList<int> numbers) =>
            pack.Attributes.Set(name, new AttributeValue.Ints([.. numbers.Select(number => (long)number)]));
    }

    private static NodeAttribute[] AttributesOf(PackFormat format)
    {
        return
        [
            Integer(PackAttributes.Levels, CodeWidths.Levels(format.Width)),
            Integer(PackAttributes.GroupAxis, format.GroupAxis),
            Integer(PackAttributes.GroupSize, format.GroupSize),
            Text(PackAttributes.Layout, PackAttributes.TextOf(format.Layout)),
            Integer(PackAttributes.ZeroExact, format.ZeroExact ? 1 : 0),
            Text(PackAttributes.Metadata, PackAttributes.TextOf(format.Metadata)),
        ];

        static NodeAttribute Integer(string name, long value) => new(name, new AttributeValue.Int(value));

        static NodeAttribute Text(string name, string value) => new(name, new AttributeValue.Bytes(value));
    }

    private void WriteRounding(Node pack, RoundingMode rounding, long tensorId)
    {
        pack.Attributes.Set(PackAttributes.Rounding, PackAttributes.TextOf(rounding));
        pack.Attributes.Set(PackAttributes.Seed, seed);
        pack.Attributes.Set(PackAttributes.TensorId, tensorId);
    }
}
