using OnnxActNN.Format.Profiles;
using OnnxActNN.Rewriter;
using OnnxActNN.Training.Measurement;
using OnnxActNN.Training.Profiling;

namespace OnnxActNN.Benchmarks.Planning;

/// <summary>
/// A zoo entry with its profile, which is kept in the system's temporary folder until it is deleted there.
/// </summary>
internal static class ZooProfile
{
    /// <summary>An entry's graph with all that its steps take.</summary>
    public static MeasureInputs Open(string folder) => new(new MeasureRequest
    {
        Model = Path.Combine(folder, "training_model.onnx"),
        Entry = Path.Combine(folder, "entry.json"),
    });

    /// <summary>Which tensors are looked at: all, since the graphs are small.</summary>
    public static RewriteOptions Options(MeasureInputs inputs) => new()
    {
        MinimumBytes = 0,
        Dimensions = inputs.Dimensions,
    };

    /// <summary>
    /// The profile of so many steps and probes, with each tensor also packed alone and drawn so many times, on the
    /// first of them.
    /// </summary>
    public static ActivationProfile Of(string folder, int draws, int steps = 2, int probes = 4)
    {
        var inputs = Open(folder);
        var kept = Path.Combine(
            Path.GetTempPath(),
            $"onnxactnn-{Path.GetFileName(folder)}-{draws}-{steps}-{probes}-{ModelFingerprint.Of(inputs.Model)}.json");
        if (File.Exists(kept)) return ProfileFile.Read(kept);
        var profile = ProfileRunner.Run(
            inputs, new ProfileRequest { Steps = steps, Draws = draws, Probes = probes, Rewrite = Options(inputs) });
        ProfileFile.Write(profile, kept);
        return profile;
    }
}
