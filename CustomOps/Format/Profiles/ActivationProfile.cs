namespace OnnxActNN.Format.Profiles;

/// <summary>
/// A profile of a training graph: statistics of what it saves and of its gradients. The content of profile.json.
/// </summary>
public sealed record ActivationProfile
{
    /// <summary>Value of <see cref="Schema"/> in every file.</summary>
    public const string SchemaName = "onnxactnn-profile";

    /// <summary>Version of the file's fields.</summary>
    public const int CurrentVersion = 2;

    /// <summary>What the file is.</summary>
    public string Schema { get; init; } = SchemaName;

    /// <summary>Which version of it.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>Fingerprint of the graph that was profiled; a plan for another graph refuses the profile.</summary>
    public string Model { get; init; } = "";

    /// <summary>Sizes of the named dimensions in the runs, where the profiler knew them.</summary>
    public IReadOnlyDictionary<string, long> Dimensions { get; init; } = new Dictionary<string, long>();

    /// <summary>One entry per tensor and role.</summary>
    public required IReadOnlyList<TensorProfile> Tensors { get; init; }

    /// <summary>The parameters; empty where the graph ran without this project's profiler.</summary>
    public IReadOnlyList<ParameterProfile> Parameters { get; init; } = [];

    /// <summary>
    /// What probing found of tensors whose noise goes on through the backward pass; empty where none was done.
    /// </summary>
    public IReadOnlyList<ProbedSensitivity> Probed { get; init; } = [];

    /// <summary>Direct measurements; empty where none were asked for.</summary>
    public IReadOnlyList<MeasuredSensitivity> Measured { get; init; } = [];

    /// <summary>The statistics of a tensor in a role, or null.</summary>
    public TensorProfile? Find(string name, ProfileRole role) =>
        Tensors.FirstOrDefault(tensor => tensor.Role == role && tensor.Name == name);
}
