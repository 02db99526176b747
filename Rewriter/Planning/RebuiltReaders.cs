using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Sensitivity;

namespace OnnxActNN.Rewriter.Planning;

/// <summary>For each packed tensor, what is computed from it again: the tensor's noise shows there too.</summary>
internal sealed class RebuiltReaders
{
    private readonly ILookup<Value, (SavedTensor Rebuilt, NoisePath Path)> _bySource;

    public RebuiltReaders(IEnumerable<TensorPlan> plans)
    {
        var rebuilt = plans.Where(plan => plan.Restoration is not null).ToList();
        Tensors = [.. rebuilt.Select(plan => plan.Tensor)];
        _bySource = rebuilt.SelectMany(plan => plan.Restoration!.Paths, (plan, path) => (plan.Tensor, path))
            .ToLookup(pair => pair.path.Source);
    }

    /// <summary>The tensors that are computed again.</summary>
    public IReadOnlyList<SavedTensor> Tensors { get; }

    /// <summary>Those that one tensor's noise shows in, and the way there.</summary>
    public IEnumerable<(SavedTensor Rebuilt, NoisePath Path)> Of(SavedTensor source) => _bySource[source.Value];
}
