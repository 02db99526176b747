using OnnxActNN.CustomOps.Cpu.Profiling;
using OnnxActNN.Format;
using OnnxActNN.Format.Profiles;

namespace OnnxActNN.CustomOps.Profiling;

/// <summary>
/// Where the ActProfile nodes of a graph put what they measure, found by name within the process. Safe from several
/// threads.
/// </summary>
/// <remarks>
/// From C#, <see cref="Take"/> gives the profile at any time between runs. Where the nodes name a file, the profile is
/// written there when the last session with nodes of this sink closes, whatever language opened it.
/// </remarks>
public sealed class ProfileSink
{
    private static readonly Dictionary<string, ProfileSink> Sinks = [];
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Name, ProfileRole Role), TensorProfileBuilder> _tensors = [];
    private string _file = "";
    private string _model = "";
    private int _nodes;

    private ProfileSink()
    {
    }

    /// <summary>The sink of that name; there is one as soon as somebody asks.</summary>
    public static ProfileSink Of(string name)
    {
        lock (Sinks)
        {
            if (!Sinks.TryGetValue(name, out var sink)) Sinks[name] = sink = new ProfileSink();
            return sink;
        }
    }

    /// <summary>What was measured since the last call, which empties the sink.</summary>
    public ActivationProfile Take()
    {
        lock (_gate)
        {
            var profile = Build();
            _tensors.Clear();
            return profile;
        }
    }

    /// <summary>A node opens.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    internal void Enter(string file, string model)
    {
        if (file.Length > 0) File.AppendAllBytes(file, []);
        lock (_gate)
        {
            (_file, _model) = (file, model);
            _nodes++;
        }
    }

    /// <summary>A node closes; the last one writes the file.</summary>
    internal void Leave()
    {
        lock (_gate)
        {
            if (--_nodes > 0 || _file.Length == 0 || _tensors.Count == 0) return;
            ProfileFile.Write(Build(), _file);
            _tensors.Clear();
        }
    }

    internal void Add(
        string name, ProfileRole role, long[] dimensions, PackedLayout layout, in GroupSelection selection,
        ReadOnlySpan<MeasuredGroup> measured, ReadOnlySpan<FineRanges> pieces, Func<int, long> nonFiniteIn)
    {
        lock (_gate)
        {
            if (!_tensors.TryGetValue((name, role), out var builder))
                _tensors[(name, role)] = builder = new TensorProfileBuilder(name, role);
            builder.Add(dimensions, layout, selection, measured, pieces, nonFiniteIn);
        }
    }

    private ActivationProfile Build() => new()
    {
        Model = _model,
        Tensors = [.. _tensors.OrderBy(entry => entry.Key.Role).ThenBy(entry => entry.Key.Name, StringComparer.Ordinal)
            .Select(entry => entry.Value.Build())],
    };
}
