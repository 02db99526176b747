using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Tests.Cpu;

/// <summary>Tensors as bytes of an element type, from and to float64.</summary>
internal static unsafe class TestTensor
{
    /// <summary>Values of a normal-like shape around −0.1, or Relu outputs: about two in five exactly 0.</summary>
    public static double[] Draw(int count, bool isRelu, int seed)
    {
        var random = new Random(seed);
        var values = new double[count];
        for (var i = 0; i < count; i++)
        {
            var value = random.NextDouble() + random.NextDouble() - random.NextDouble() - 0.6;
            values[i] = isRelu ? Math.Max(0, value) : value;
        }

        return values;
    }

    /// <summary>How many elements a tensor has.</summary>
    public static int CountOf(IEnumerable<long> dims) =>
        checked((int)dims.Aggregate(1L, (product, size) => product * size));

    public static byte[] ToBytes(IReadOnlyList<double> values, ElementType type)
    {
        var bytes = new byte[values.Count * ElementTypes.SizeOf(type)];
        fixed (byte* p = bytes)
        {
            for (var i = 0; i < values.Count; i++)
            {
                if (type == ElementType.Float32)
                    ((float*)p)[i] = (float)values[i];
                else if (type == ElementType.Float16)
                    ((Half*)p)[i] = (Half)values[i];
                else if (type == ElementType.Float64)
                    ((double*)p)[i] = values[i];
                else
                    ((ushort*)p)[i] = (ushort)(BitConverter.SingleToUInt32Bits((float)values[i]) >> 16);
            }
        }

        return bytes;
    }

    public static double[] FromBytes(byte[] bytes, ElementType type)
    {
        var values = new double[bytes.Length / ElementTypes.SizeOf(type)];
        fixed (byte* p = bytes)
        {
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = type switch
                {
                    ElementType.Float32 => ((float*)p)[i],
                    ElementType.Float16 => (double)((Half*)p)[i],
                    ElementType.Float64 => ((double*)p)[i],
                    _ => BitConverter.UInt32BitsToSingle((uint)((ushort*)p)[i] << 16),
                };
            }
        }

        return values;
    }
}
