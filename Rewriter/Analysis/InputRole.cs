namespace OnnxActNN.Rewriter.Analysis;

/// <summary>What an input of a training graph is for.</summary>
internal enum InputRole
{
    /// <summary>The caller's: samples, labels, masks.</summary>
    Data,

    /// <summary>A parameter with a gradient.</summary>
    TrainedParameter,

    /// <summary>A parameter that is only read.</summary>
    FrozenParameter,

    /// <summary>The buffer that a parameter's gradient is added to.</summary>
    GradientBuffer,

    /// <summary>The flag that makes a step overwrite the gradients.</summary>
    ResetFlag,
}
