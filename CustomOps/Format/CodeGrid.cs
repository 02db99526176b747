namespace OnnxActNN.Format;

/// <summary>Where the levels of a group lie. The values stand in the header.</summary>
public enum CodeGrid : byte
{
    /// <summary>Level k is minimum + k · step.</summary>
    Uniform = 0,

    /// <summary>
    /// Level k is k² · step, from 0 on: close together near 0, where most of a softmax's results are. For tensors that
    /// are ≥ 0, with stochastic rounding between neighbouring levels.
    /// </summary>
    Squared = 1,
}
