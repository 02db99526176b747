using System.IO.Enumeration;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Operators;

namespace OnnxActNN.Rewriter.Planning;

/// <summary>Why a saved tensor has to stay as it is computed, whatever its codes would cost.</summary>
internal sealed class ExactReasons
{
    private const int FirstSpatialAxis = 2;

    private readonly RewriteOptions _options;

    /// <summary>What speaks against packing for one reader's sake; each is asked of all readers before the next.</summary>
    private readonly Func<SavedTensor, SavedTensorConsumer, string?>[] _ofReaders;

    public ExactReasons(RewriteOptions options)
    {
        _options = options;
        _ofReaders = [OfStranger, OfNeed, OfMissingTrigger, OfNormalization];
    }

    /// <summary>A sentence for people; null where nothing speaks against packing.</summary>
    public string? Find(SavedTensor tensor)
    {
        if (tensor.Value.IsGraphOutput) return "is also a graph output";
        if (!tensor.DependsOnData) return "is computed from parameters alone, so noise on it would be noise on them";
        foreach (var find in _ofReaders)
        {
            for (var at = 0; at < tensor.Consumers.Count; at++)
            {
                if (find(tensor, tensor.Consumers[at]) is { } reason) return reason;
            }
        }
        if (TensorSize.Nominal(tensor.Type, _options.Dimensions) is not { } sizes) return "its shape is not known";
        if (tensor.ForwardRead is null) return "no forward node reads it, so a pack would run in the backward pass";
        if (IsFilteredOut(tensor.Value.Name)) return "left out by name";
        return IsSmall(tensor.Type!, sizes) ? $"smaller than {_options.MinimumBytes} bytes" : null;
    }

    /// <summary>
    /// Whether a carrier of its shape can take a tensor's readers of the shape off it, and it is worth a node.
    /// </summary>
    public bool LetsShapeGo(SavedTensor tensor) =>
        !tensor.Value.IsGraphOutput && tensor.DependsOnData && tensor.ForwardRead == tensor.Value
        && tensor.Consumers.Any(static consumer => consumer.Class == StorageClass.H)
        && tensor.Consumers.All(consumer => consumer.Use.Node.Graph == tensor.Value.Producer!.Graph)
        && TensorSize.Nominal(tensor.Type, _options.Dimensions) is { } sizes && !IsSmall(tensor.Type!, sizes);

    private static string? OfStranger(SavedTensor tensor, SavedTensorConsumer consumer) =>
        consumer is { IsKnown: false, Direct: null }
            ? $"{consumer.Use.Node.Operator} is not in the operator table ({consumer.Use})"
            : null;

    private string? OfNeed(SavedTensor tensor, SavedTensorConsumer consumer) => consumer.Class switch
    {
        StorageClass.Q when consumer.Need == Need.Exponential && !_options.ProbabilityCodes =>
            $"{consumer.Use} needs it exactly",
        StorageClass.E when tensor.Type is { } type && !type.ElementType.IsPackableFloat() =>
            $"is {type.ElementType.DisplayName()}, read as it is by {consumer.Use}",
        StorageClass.E when tensor.Type is null => "its type is not known",
        StorageClass.E => $"{consumer.Use} needs it exactly",
        StorageClass.N when consumer.Direct is null =>
            $"{consumer.Use} reads it as pooling indices whose windows are not known",
        StorageClass.M when consumer.Direct is null && !tensor.IsReluOutput =>
            $"{consumer.Use} reads its sign, and it may be negative",
        StorageClass.M when tensor.Type?.ElementType.IsPackableFloat() != true => "is no floating-point tensor",
        StorageClass.Q when _options.LosslessOnly => $"{consumer.Use} reads its value, and nothing is to be quantized",
        StorageClass.M when consumer.Direct is null && _options.LosslessOnly =>
            $"{consumer.Use} reads it as it is, and nothing is to be quantized",
        _ => null,
    };

    private static string? OfMissingTrigger(SavedTensor tensor, SavedTensorConsumer consumer) =>
        consumer is { Class: not StorageClass.H, Direct: null, Trigger: null }
            ? $"no gradient arrives before {consumer.Use}, so it would be restored too early"
            : null;

    private string? OfNormalization(SavedTensor tensor, SavedTensorConsumer consumer)
    {
        if (consumer.Need != Need.Normalization) return null;
        if (!_options.NormalizationInputs) return "is a normalization's input, which is to stay exact";
        return IsNormalizedOverSamples(tensor, consumer)
            ? "is normalized over the samples alone, too few for an error's square to average out"
            : null;
    }

    /// <summary>
    /// A channel without a plane has no more elements than there are samples; and its neighbours in a group may have
    /// other deviations, so that what is little noise for one of them is more than another's values.
    /// </summary>
    private static bool IsNormalizedOverSamples(SavedTensor tensor, SavedTensorConsumer consumer) =>
        NormalizationTraits.OfGradient(consumer.Use.Node.Operator) is { IsOfChannels: true }
        && tensor.Type?.Shape is { } shape && shape.Skip(FirstSpatialAxis).All(size => size.Value == 1);

    private bool IsSmall(TensorType type, long[] sizes) =>
        TensorSize.ElementsOf(sizes) * type.ElementType.BitsOf() < 8 * (Int128)_options.MinimumBytes;

    private bool IsFilteredOut(string name) =>
        (_options.Include.Count > 0 && !_options.Include.Any(pattern => Matches(pattern, name)))
        || _options.Exclude.Any(pattern => Matches(pattern, name));

    private static bool Matches(string pattern, string name) =>
        FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false);
}
