using System.IO.Enumeration;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Operators;

namespace OnnxActNN.Rewriter.Planning;

/// <summary>Why a saved tensor has to stay as it is computed, whatever its codes would cost.</summary>
internal sealed class ExactReasons(RewriteOptions options)
{
    private const int FirstSpatialAxis = 2;

    /// <summary>A sentence for people; null where nothing speaks against packing.</summary>
    public string? Find(SavedTensor tensor)
    {
        if (tensor.Value.IsGraphOutput) return "is also a graph output";
        if (!tensor.DependsOnData) return "is computed from parameters alone, so noise on it would be noise on them";
        if (tensor.Consumers.FirstOrDefault(consumer => consumer is { IsKnown: false, Direct: null }) is { } stranger)
            return $"{stranger.Use.Node.Operator} is not in the operator table ({stranger.Use})";
        foreach (var consumer in tensor.Consumers)
        {
            if (OfConsumer(tensor, consumer) is { } need) return need;
        }
        if (tensor.Consumers.FirstOrDefault(
            consumer => consumer is { Class: not StorageClass.H, Direct: null, Trigger: null }) is { } early)
            return $"no gradient arrives before {early.Use}, so it would be restored too early";
        if (!options.NormalizationInputs && tensor.Consumers.Any(consumer => consumer.Need == Need.Normalization))
            return "is a normalization's input, which is to stay exact";
        if (tensor.Consumers.Any(consumer => IsNormalizedOverSamples(tensor, consumer)))
            return "is normalized over the samples alone, too few for an error's square to average out";
        if (TensorSize.Nominal(tensor.Type, options.Dimensions) is not { } sizes) return "its shape is not known";
        if (tensor.ForwardRead is null) return "no forward node reads it, so a pack would run in the backward pass";
        if (IsFilteredOut(tensor.Value.Name)) return "left out by name";
        return IsSmall(tensor.Type!, sizes) ? $"smaller than {options.MinimumBytes} bytes" : null;
    }

    /// <summary>
    /// Whether a carrier of its shape can take a tensor's readers of the shape off it, and it is worth a node.
    /// </summary>
    public bool LetsShapeGo(SavedTensor tensor) =>
        !tensor.Value.IsGraphOutput && tensor.DependsOnData && tensor.ForwardRead == tensor.Value
        && tensor.Consumers.Any(consumer => consumer.Class == StorageClass.H)
        && tensor.Consumers.All(consumer => consumer.Use.Node.Graph == tensor.Value.Producer!.Graph)
        && TensorSize.Nominal(tensor.Type, options.Dimensions) is { } sizes && !IsSmall(tensor.Type!, sizes);

    private string? OfConsumer(SavedTensor tensor, SavedTensorConsumer consumer) => consumer.Class switch
    {
        StorageClass.Q when consumer.Need == Need.Exponential && !options.ProbabilityCodes =>
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
        StorageClass.Q when options.LosslessOnly => $"{consumer.Use} reads its value, and nothing is to be quantized",
        StorageClass.M when consumer.Direct is null && options.LosslessOnly =>
            $"{consumer.Use} reads it as it is, and nothing is to be quantized",
        _ => null,
    };

    /// <summary>
    /// A channel without a plane has no more elements than there are samples; and its neighbours in a group may have
    /// other deviations, so that what is little noise for one of them is more than another's values.
    /// </summary>
    private static bool IsNormalizedOverSamples(SavedTensor tensor, SavedTensorConsumer consumer) =>
        consumer.Need == Need.Normalization
        && NormalizationTraits.OfGradient(consumer.Use.Node.Operator) is { IsOfChannels: true }
        && tensor.Type?.Shape is { } shape && shape.Skip(FirstSpatialAxis).All(size => size.Value == 1);

    private bool IsSmall(TensorType type, IEnumerable<long> sizes) =>
        sizes.Aggregate((Int128)type.ElementType.BitsOf(), (product, size) => product * size)
            < 8 * (Int128)options.MinimumBytes;

    private bool IsFilteredOut(string name) =>
        (options.Include.Count > 0 && !options.Include.Any(pattern => Matches(pattern, name)))
        || options.Exclude.Any(pattern => Matches(pattern, name));

    private static bool Matches(string pattern, string name) =>
        FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false);
}
