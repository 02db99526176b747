using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Tests.Cpu;

/// <summary>The variance of each element's error, step² / 12 of its group, from a packed tensor's metadata.</summary>
internal static unsafe class GroupVariances
{
    public static double[] Of(byte[] packed, long[] dims, PackFormat format)
    {
        var layout = PackedLayout.Create(dims, format);
        var codec = MetadataCodec.Create(layout, ElementType.Float32);
        var variances = new double[layout.ElementCount];
        var parameters = new DecodeParameters[1];
        fixed (byte* bytes = packed)
        {
            for (long group = 0; group < layout.GroupCount; group++)
            {
                codec.Read(bytes, group, parameters);
                var step = parameters[0].Scale * Math.Pow(2, CodeWidths.FractionBits(format.Width));
                var span = layout.Group(group);
                variances.AsSpan((int)span.Start, span.Length).Fill(step * step / 12);
            }
        }
        return variances;
    }
}
