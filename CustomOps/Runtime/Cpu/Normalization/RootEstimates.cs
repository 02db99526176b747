using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace OnnxActNN.CustomOps.Cpu.Normalization;

/// <summary>
/// The processor's estimates of 1/√x (RSQRTSS of x86, of which each maker's has bits of its own) as a table, for
/// devices that are to have the same bits.
/// </summary>
/// <remarks>
/// An estimate depends on the exponent and the leading bits of the mantissa; that of x · 4^h is that of x, over 2^h.
/// AMD's Zen 4 takes 12 bits, as was measured; others' are tried when the table is made.
/// </remarks>
internal static class RootEstimates
{
    /// <summary>Bits of the mantissa that the table tells apart.</summary>
    public const int LeadingBits = 12;

    /// <summary>
    /// The estimates of the numbers from 1 to 4, indexed by the last bit of the exponent and the leading ones of the
    /// mantissa; empty where the processor has none, or where they depend on more bits.
    /// </summary>
    public static float[] Table { get; } = Sse.IsSupported ? Tabulate() : [];

    private static float[] Tabulate()
    {
        const int RestBits = 23 - LeadingBits;
        var table = new float[2 << LeadingBits];
        for (var index = 0u; index < table.Length; index++)
        {
            // The exponent of numbers below 2 is 127, which is odd.
            var first = (index >> LeadingBits == 0 ? 128u << 23 : 127u << 23) | (index << RestBits & 0x7fffff);
            var estimate = Sse.ReciprocalSqrt(Vector128.Create(first).AsSingle());
            table[index] = estimate.ToScalar();
            for (var rest = 0u; rest < 1u << RestBits; rest += 4)
            {
                var numbers = (Vector128.Create(first + rest) + Vector128.Create(0u, 1, 2, 3)).AsSingle();
                if (Sse.ReciprocalSqrt(numbers) != estimate) return [];
            }
        }
        return table;
    }
}
