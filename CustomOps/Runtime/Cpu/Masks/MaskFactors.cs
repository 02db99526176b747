namespace OnnxActNN.CustomOps.Cpu.Masks;

/// <summary>
/// What a gradient is multiplied and divided by, as numbers, or as the bits of numbers of an element's size.
/// </summary>
/// <param name="Kept">Factor where the bit is 1.</param>
/// <param name="Dropped">Factor where it is 0.</param>
/// <param name="Divisor">Divides both.</param>
internal readonly record struct MaskFactors<T>(T Kept, T Dropped, T Divisor)
    where T : unmanaged
{
    public MaskFactors<TOther> Select<TOther>(Func<T, TOther> convert)
        where TOther : unmanaged => new(convert(Kept), convert(Dropped), convert(Divisor));
}
