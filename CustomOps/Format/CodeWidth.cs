namespace OnnxActNN.Format;

/// <summary>How many levels a code has, and so how many codes share a byte. The values stand in the header.</summary>
public enum CodeWidth : byte
{
    /// <summary>2 levels, 8 codes in a byte.</summary>
    OneBit = 1,

    /// <summary>4 levels, 4 codes in a byte.</summary>
    TwoBits = 2,

    /// <summary>8 levels, 8 codes in three bytes.</summary>
    ThreeBits = 3,

    /// <summary>16 levels, 2 codes in a byte.</summary>
    FourBits = 4,

    /// <summary>256 levels, one code in a byte.</summary>
    EightBits = 8,

    /// <summary>3 levels, 10 codes in two bytes (1.6 bits a code).</summary>
    ThreeLevels = 16,
}
