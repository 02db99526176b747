namespace OnnxActNN.Format.Profiles;

/// <summary>What a profiled tensor is in the training graph.</summary>
public enum ProfileRole
{
    /// <summary>A tensor that the forward pass saves; its ranges are measured.</summary>
    Activation,

    /// <summary>A gradient; its squared norm alone is measured.</summary>
    Gradient,
}
