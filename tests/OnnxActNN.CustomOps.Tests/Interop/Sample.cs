using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Tests.Interop;

/// <summary>A tensor, and what the kernels make of it without ONNX Runtime.</summary>
internal static unsafe class Sample
{
    public static readonly long[] Dimensions = [2, 3, 40, 50];

    public static readonly float[] X = Values(2 * 3 * 40 * 50);

    /// <summary>What a pack without attributes writes in its first run.</summary>
    public static readonly byte[] Packed =
        Pack(new PackFormat(CodeWidth.TwoBits, zeroExact: false), new PackKey(0, 0, 0));

    public static byte[] Pack(PackFormat format, PackKey key)
    {
        var layout = PackedLayout.Create(Dimensions, format);
        var packed = new byte[layout.TotalBytes];
        fixed (float* x = X)
        fixed (byte* to = packed) QuantizePack.Run(ElementType.Float32, x, to, layout, key, SerialLoop.Instance);
        return packed;
    }

    public static float[] Unpack(byte[] packed)
    {
        var y = new float[X.Length];
        fixed (byte* from = packed)
        fixed (float* to = y)
        {
            UnpackDequant.Run(
                ElementType.Float32, from, packed.Length, Dimensions, to, UnpackOutput.Value, SerialLoop.Instance);
        }
        return y;
    }

    /// <summary>Uneven values from −2 to 2.</summary>
    public static float[] Values(int count) =>
        [.. Enumerable.Range(0, count).Select(number => 2 * MathF.Sin(number * 1.7f))];
}
