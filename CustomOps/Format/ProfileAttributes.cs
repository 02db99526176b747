namespace OnnxActNN.Format;

/// <summary>
/// Attributes of ActProfile, besides <see cref="PackAttributes.GroupAxis"/>, <see cref="PackAttributes.GroupSize"/> and
/// <see cref="PackAttributes.Layout"/>, which cut the tensor into the groups that a QuantizePack with the same ones
/// has.
/// </summary>
public static class ProfileAttributes
{
    /// <summary>string: name of the tensor in the original graph.</summary>
    public const string Tensor = "tensor";

    /// <summary>string: <see cref="RoleActivation"/> or <see cref="RoleGradient"/>.</summary>
    public const string Role = "role";

    /// <summary>string: name of the sink within the process; every node of a graph has the same.</summary>
    public const string Sink = "sink";

    /// <summary>string: the JSON file that the sink writes when the session closes; empty for none.</summary>
    public const string File = "file";

    /// <summary>string: fingerprint of the original graph, which goes into the file.</summary>
    public const string Model = "model";

    /// <summary>int: looks at every n-th group, in each run at others; 1, the default, at all.</summary>
    public const string Every = "every";

    /// <summary>Ranges and squares are measured; the default.</summary>
    public const string RoleActivation = "activation";

    /// <summary>Squares alone are measured.</summary>
    public const string RoleGradient = "gradient";
}
