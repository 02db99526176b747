using OnnxActNN.Format.Profiles;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Shapes;

namespace OnnxActNN.Rewriter.Sensitivity;

/// <summary>How large the values of a graph are: what a profile measured, and what the file holds.</summary>
internal sealed class Magnitudes
{
    private readonly InferredTypes _types;
    private readonly Dictionary<(string Name, ProfileRole Role), TensorProfile> _tensors;
    private readonly Dictionary<string, ParameterProfile> _parameters;

    public Magnitudes(InferredTypes types, ActivationProfile profile)
    {
        _types = types.With(profile.Dimensions);
        _tensors = profile.Tensors.ToDictionary(tensor => (tensor.Name, tensor.Role));
        _parameters = profile.Parameters.ToDictionary(parameter => parameter.Name);
    }

    public long[]? SizesOf(Value value) => _types.SizesOf(value);

    /// <summary>Elements of a value; 1 where its shape is not known.</summary>
    public double ElementsOf(Value value) => SizesOf(value)?.Aggregate(1.0, (product, size) => product * size) ?? 1;

    /// <summary>
    /// What was measured of a saved tensor or gradient, looked up through views; null where nothing was.
    /// </summary>
    public TensorProfile? Find(Value value)
    {
        var owner = BufferViews.Owner(value);
        return Find(value.Name) ?? Find(owner.Name);

        TensorProfile? Find(string name) =>
            _tensors.GetValueOrDefault((name, ProfileRole.Activation))
                ?? _tensors.GetValueOrDefault((name, ProfileRole.Gradient));
    }

    /// <summary>Mean of the squares of a value's elements; null where it is not known.</summary>
    public double? MeanSquareOf(Value value)
    {
        if (Find(value) is { Elements: > 0 } measured) return measured.MeanSquare;
        var owner = BufferViews.Owner(value);
        if (owner.Producer is { Operator.Type: "Transpose" or "Cast" } move) owner = BufferViews.Owner(move.Input(0)!);
        if (_parameters.TryGetValue(owner.Name, out var parameter))
            return parameter.Squares / Math.Max(1, parameter.Elements);
        if (owner != value && Find(owner) is { Elements: > 0 } moved) return moved.MeanSquare;
        return owner.Initializer?.TryGetFloats() is { Length: > 0 } elements
            ? elements.Average(x => (double)x * x)
            : null;
    }

    /// <summary>The sum of squares of a gradient, on average over the runs; null where it was not measured.</summary>
    public double? SquaresOf(Value value) =>
        Find(value) is { Elements: > 0 } measured ? measured.MeanSquare * ElementsOf(value) : null;

    /// <summary>The squared norm of a parameter's gradient; null where it is not known.</summary>
    public double? GradientSquaresOf(Value parameter) =>
        _parameters.TryGetValue(parameter.Name, out var known) && known.GradientSquares > 0
            ? known.GradientSquares
            : null;
}
