using OnnxActNN.Format.Profiles;
using OnnxActNN.Rewriter;
using OnnxActNN.Rewriter.Planning;
using OnnxActNN.Training.Measurement;
using OnnxActNN.Training.Profiling;

namespace OnnxActNN.Benchmarks.Planning;

/// <summary>A zoo entry with its profile, which is kept in the system's temporary folder until it is deleted there.</summary>
internal static class ZooProfile
{
    private const int Steps = 2;

    /// <summary>An entry's graph with all that its steps take.</summary>
    public static MeasureInputs Open(string folder) => new(new MeasureRequest
    {
        Model = Path.Combine(folder, "training_model.onnx"),
        Entry = Path.Combine(folder, "entry.json"),
    });

    /// <summary>Which tensors are looked at: all, since the graphs are small; and none is rebuilt from others, as in plans.</summary>
    public static RewriteOptions Options(MeasureInputs inputs) => new()
    {
        MinimumBytes = 0,
        Dimensions = inputs.Dimensions,
        Rebuild = RebuildScope.None,
    };

    /// <summary>The profile, with each tensor also packed alone and drawn so many times.</summary>
    public static ActivationProfile Of(string folder, int draws)
    {
        var inputs = Open(folder);
        var kept = Path.Combine(Path.GetTempPath(), $"onnxactnn-{Path.GetFileName(folder)}-{draws}-{ModelFingerprint.Of(inputs.Model)}.json");
        if (File.Exists(kept)) return ProfileFile.Read(kept);
        var profile = ProfileRunner.Run(inputs, new ProfileRequest { Steps = Steps, Draws = draws, Rewrite = Options(inputs) });
        ProfileFile.Write(profile, kept);
        return profile;
    }
}
