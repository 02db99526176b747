using OnnxActNN.CustomOps.Interop;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Ops;

/// <summary>The keys that one kernel's runs draw their random numbers from. Safe from several threads.</summary>
internal sealed class PackKeys(OrtKernelInfo info)
{
    private readonly long _seed = info.GetInt(PackAttributes.Seed, 0);
    private readonly long _tensorId = info.GetInt(PackAttributes.TensorId, 0);
    private readonly RunCounter _runs = new(info.GetInt(PackAttributes.FirstRun, 0));

    /// <summary>The key of the run that starts now.</summary>
    public PackKey Next() => new(_seed, _tensorId, _runs.Next());
}
