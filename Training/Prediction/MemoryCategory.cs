namespace OnnxActNN.Training.Prediction;

/// <summary>What a buffer of a training step is for; the order in which reports stack them.</summary>
internal enum MemoryCategory
{
    /// <summary>Parameters and constants of the graph; there all the time.</summary>
    Parameters,

    /// <summary>Gradients of parameters.</summary>
    Gradients,

    /// <summary>State of the optimizer; there all the time.</summary>
    Optimizer,

    /// <summary>Saved for the backward pass as computed.</summary>
    Saved,

    /// <summary>Saved for the backward pass as codes.</summary>
    Packed,

    /// <summary>Saved for the backward pass as truth values or indices.</summary>
    Masks,

    /// <summary>Everything else that a node of the moment reads or writes.</summary>
    Working,
}
