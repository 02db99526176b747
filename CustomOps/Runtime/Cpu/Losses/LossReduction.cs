namespace OnnxActNN.CustomOps.Cpu.Losses;

/// <summary>What a loss makes of the losses of its labels.</summary>
internal enum LossReduction
{
    /// <summary>Their mean, weighted.</summary>
    Mean,

    /// <summary>Their sum, weighted.</summary>
    Sum,

    /// <summary>Nothing: one loss for each label.</summary>
    None,
}
