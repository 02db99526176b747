using OnnxActNN.Format;
using OnnxActNN.Format.Derivatives;
using OnnxActNN.Format.Profiles;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Operators;

namespace OnnxActNN.Rewriter.Sensitivity;

/// <summary>
/// Predicts, from one profile, what a code on each saved tensor adds to the variance of the parameters' gradients.
/// </summary>
/// <remarks>
/// ActNN's bound (arXiv 2104.14129, section 4) is the first term: for a convolution or product, the sum over samples of
/// ‖dY‖² · R² / (levels − 1)². Here it stands with its constants, for every reader of the tensor, and with what comes
/// of noise that enters a gradient which other parameters are behind (<see cref="GradientGains"/>).
/// 1. A product: products · E[variance · mean square of the other factor], sample by sample where both were measured
/// so.
/// 2. A normalization's input, with noise of v times its variance: v · ‖dY‖² in the scale's gradient. In dX, with n
/// elements for each mean: independent noise of v / n · ‖dγ‖² / ‖dY‖² · ‖dX‖², and v / n · ‖dX‖² along the normalized
/// input, which the convolution that made it adds up over all n elements (<see cref="Products.CoherenceOf"/>).
/// 3. Masks, read from codes: none.
/// 4. Activations: variance · ‖dY‖² · κ, κ the mean square of the second derivative.
/// 5. Where the profile has a probe of the tensor, its variance: rules 2 to 4 then only tell how codes with and without
/// exact zeros compare.
/// 6. Codes of an activation's derivative: squared range · ‖dY‖².
/// 7. Probabilities that a loss's gradient is linear in, of which the profile has the statistics in the
/// log-probabilities' place: variance of each, times the squared factor of its row. Labels that are ignored count as
/// others.
/// 8. Groups whose noise counts by their squared range can have widths of their own by it. A normalization over
/// channels divides by each channel's spread, so that there it counts in units of the channel's. Where one reader wants
/// the one and another the other there is no order, nor for normalizations over rows, whose groups have the row's
/// spread each.
/// </remarks>
internal sealed class NoiseModel
{
    private readonly Graph _graph;
    private readonly ForwardBackwardSplit _split;
    private readonly Magnitudes _magnitudes;
    private readonly GradientGains _gains;
    private readonly Dictionary<string, ProbedSensitivity> _probed;

    public NoiseModel(TrainingGraph training, ActivationProfile profile)
    {
        (_graph, _split) = (training.Model.Graph, training.Split);
        _magnitudes = new Magnitudes(training.Types, profile);
        _gains = new GradientGains(_graph, _split, _magnitudes);
        _probed = profile.Probed.ToDictionary(probed => probed.Name);
    }

    /// <summary>The sensitivity of a tensor; null where the profile has nothing of it.</summary>
    public TensorSensitivity? Of(SavedTensor tensor)
    {
        if (ActivationOf(tensor.Value) is not { } measured) return null;
        var peaked = AtReaders(tensor, new TensorNoise(measured, measured.Samples.SquaredPeaks));
        var reckoned = new TensorSensitivity(
            AtReaders(tensor, new TensorNoise(measured, measured.Samples.SquaredRanges)), peaked,
            peaked * SquaredGridShare(measured))
        {
            Finer = GroupShares.Of(measured),
            Spreads = SpreadsAt(tensor, measured),
        };
        if (!_probed.TryGetValue(tensor.Value.Name, out var probed)) return reckoned;
        var format = new PackFormat(CodeWidth.EightBits, probed.ZeroExact);
        // Rule 5.
        var quadratic = TensorSensitivity.FromMeasurement(format, probed.Variance, squaredBias: 0, reckoned);
        return quadratic with { Quartic = probed.Quartic * Math.Pow(format.Steps, 4), IsMeasured = false };
    }

    /// <summary>
    /// The same with the readers of what is rebuilt from the tensor: gradients of other parameters, so that the
    /// variances add up.
    /// </summary>
    public TensorSensitivity? Of(SavedTensor tensor, IEnumerable<(SavedTensor Rebuilt, NoisePath Path)> rebuilt) =>
        rebuilt.Select(pair => Of(tensor, pair.Rebuilt, pair.Path)).OfType<TensorSensitivity>()
            .Aggregate(Of(tensor), (sum, part) => sum?.Plus(part));

    /// <summary>
    /// The part at the readers of one tensor that is rebuilt from it: the noise, relative to the source's spread, times
    /// the normalization's scale, where no mask on the way is 0. Null where the profile has nothing of one of them.
    /// </summary>
    public TensorSensitivity? Of(SavedTensor source, SavedTensor rebuilt, NoisePath path)
    {
        if (ActivationOf(source.Value) is not { } own || ActivationOf(rebuilt.Value) is not { } target) return null;
        var kept = path.Masks.Select(ActivationOf).OfType<TensorProfile>()
            .Aggregate(1.0, (share, mask) => share * (1 - (double)mask.Zeros / Math.Max(1, mask.Elements)));
        var scale = path.Scale is { } parameter ? _magnitudes.MeanSquareOf(parameter) ?? 1 : 1;
        var peaked = Part(own.Samples.SquaredPeaks);
        return new TensorSensitivity(Part(own.Samples.SquaredRanges), peaked, peaked * SquaredGridShare(own))
        {
            Finer = GroupShares.Of(own),
            Spreads = SpreadsAt(path.Scale is null ? rebuilt : source, own),
        };

        double Part(IReadOnlyList<double> sums)
        {
            var noise = new TensorNoise(own, sums);
            var mean = (path.Scale is null ? noise.Mean : noise.Relative * scale) * kept;
            return AtReaders(rebuilt, noise.With(target, mean));
        }
    }

    /// <summary>Variance · 12 · (levels − 1)² of a code of the activation's derivative at a tensor.</summary>
    /// <remarks>Rule 6.</remarks>
    public double OfDerivative(SavedTensor tensor) =>
        tensor.Consumers.Select(consumer => consumer.Direct).OfType<DirectRead>()
        .Sum(direct => direct.Derivative is not { } derivative ? 0
            : Math.Pow(
                ActivationDerivative.Of(derivative.Function).High - ActivationDerivative.Of(derivative.Function).Low, 2)
                * (_magnitudes.MeanSquareOf(direct.Gradient) ?? 0) * _magnitudes.ElementsOf(direct.Gradient)
                * _gains.Of(direct.Result.Output(0)!));

    /// <summary>
    /// Stochastic rounding to levels at (j / (levels − 1))² of the peak p: around x they are 2 √(x p) / (levels − 1)
    /// apart, which makes a variance of gap² / 6 = 8 x p / (12 (levels − 1)²). This is 8 x / p.
    /// </summary>
    private static double SquaredGridShare(TensorProfile measured) =>
        measured.Samples.SquaredPeaks.Sum() is > 0 and var peaks ? 8 * measured.PeakedSums / peaks : 0;

    /// <summary>Rule 8.</summary>
    private static Dictionary<WidthOrder, RangeHistogram> SpreadsAt(SavedTensor read, TensorProfile measured)
    {
        return Orders().Select(order => (Order: order, Spread: RangeHistogram.Of(measured, order)))
            .Where(pair => pair.Spread is not null).ToDictionary(pair => pair.Order, pair => pair.Spread!);

        WidthOrder[] Orders()
        {
            var readers = read.Consumers.Where(consumer => consumer.Class == StorageClass.Q).ToList();
            return readers.Count(consumer => consumer.Need == Need.Normalization) switch
            {
                0 => [WidthOrder.Range, WidthOrder.Sample],
                _ when readers.All(IsOfChannels) => [WidthOrder.RelativeRange, WidthOrder.RelativeSample],
                _ => [],
            };
        }
    }

    private static bool IsOfChannels(SavedTensorConsumer consumer) => consumer.Need == Need.Normalization
        && NormalizationTraits.OfGradient(consumer.Use.Node.Operator) is { IsOfChannels: true };

    private TensorProfile? ActivationOf(Value value) =>
        _magnitudes.Find(value) is { Role: ProfileRole.Activation, Elements: > 0 } measured ? measured : null;

    private double AtReaders(SavedTensor tensor, TensorNoise noise) =>
        tensor.Consumers.Where(consumer => consumer.Class == StorageClass.Q)
        .Sum(
            consumer => consumer.Direct is { Loss: { } loss } direct
            ? AtLoss(direct, loss, noise, tensor.Value)
            : Through(consumer.Use, noise, tensor.Value));

    /// <summary>Rule 7.</summary>
    private double AtLoss(DirectRead direct, LossGradient loss, TensorNoise noise, Value probabilities)
    {
        var elements = _magnitudes.ElementsOf(probabilities);
        var classes = _magnitudes.SizesOf(probabilities) is [_, > 0 and var size, ..] ? size : 1;
        var row = loss.Reduction == "mean" ? classes / elements : 1;
        return noise.Mean * elements * row * row * (_magnitudes.MeanSquareOf(direct.Gradient) ?? 1)
            * _gains.Of(direct.Result.Output(0)!);
    }

    private double Through(Use use, TensorNoise noise, Value tensor)
    {
        var node = use.Node;
        // Rule 2.
        if (OperatorTable.Find(node.Operator)?.NeedOf(use.Input) == Need.Normalization)
            return ThroughNormalization(node, noise, tensor);
        double sum = 0;
        for (var index = 0; index < node.Outputs.Count; index++)
        {
            if (node.Output(index) is not { } output) continue;
            // A view or move in the backward pass: its readers see the same noise.
            if (!_split.IsGradient(output)) sum += output.Uses.Sum(next => Through(next, noise, tensor));
            else if (_gains.Of(output) is > 0 and var behind) sum += behind * Power(use, index, noise, tensor);
        }
        return sum;
    }

    /// <summary>E‖Δ(output)‖² for this noise on the tensor.</summary>
    private double Power(Use use, int index, TensorNoise noise, Value tensor)
    {
        if (Products.Of(use.Node, use.Input, index, _magnitudes) is var (other, count))
            return count * noise.MeanWith(_magnitudes.Find(other), _magnitudes.MeanSquareOf(other) ?? 0); // Rule 1.
        if (Products.IsOperator(use.Node)) return 0;
        var power = noise.Mean * _magnitudes.ElementsOf(tensor);
        if (OperatorTable.Find(use.Node.Operator)?.NeedOf(use.Input) == Need.PassOn) return power;
        return power * MeanSquareOfGradient(use.Node) * Curvature(use.Node.Operator.Type, noise.MeanSquare); // Rule 4.
    }

    private double ThroughNormalization(Node node, TensorNoise noise, Value tensor)
    {
        var elements = _magnitudes.ElementsOf(tensor);
        var squares = MeanSquareOfGradient(node) * elements;
        var sum = node.Output(1) is { } scaleGradient ? noise.Relative * squares * _gains.Of(scaleGradient) : 0;
        if (node.Output(0) is not { } output || _magnitudes.SizesOf(tensor) is not { Length: > 0 } sizes
            || squares <= 0)
            return sum;
        var isBatch = node.Operator.Type.StartsWith("Batch", StringComparison.Ordinal);
        var shared = isBatch ? elements / Math.Max(1, sizes[1]) : sizes[^1];
        var power = noise.Relative / shared * (_magnitudes.SquaresOf(output) ?? squares);
        var along = isBatch && node.Input(2) is { } scale && _magnitudes.GradientSquaresOf(scale) is { } known
            ? known / squares
            : 1;
        var behind = _gains.Of(output);
        // The same error on all elements of a channel, in the direction of the normalized input: which is what the
        // layer before made.
        var common = isBatch ? CommonGain(tensor, shared) : 0;
        return sum + power * (along * behind + behind + common);
    }

    /// <summary>
    /// The power in the filter's gradient for power 1 along the normalized result of each channel, as if the filter's
    /// inputs were independent.
    /// </summary>
    private double CommonGain(Value tensor, double shared) =>
        tensor.Producer is { } maker && Products.CoherenceOf(maker, _magnitudes) is { } coherence
            ? shared * coherence
            : 0;

    private double MeanSquareOfGradient(Node node) =>
        node.Inputs.FirstOrDefault(input => input is not null && _split.IsGradient(input)) is { } gradient
            ? _magnitudes.MeanSquareOf(gradient) ?? 0
            : 0;

    /// <summary>
    /// Mean square of the derivative's slope, for inputs of mean 0 and deviation 1, or outputs as measured.
    /// </summary>
    private static double Curvature(string op, double meanSquare) => op switch
    {
        "GeluGrad" or "FastGeluGrad" or "QuickGeluGrad" or "BiasGeluGrad_dX" or "BiasFastGeluGrad_dX" => 0.28,
        "SigmoidGrad" => 0.25,
        "TanhGrad" => 4 * meanSquare,
        _ => 1,
    };
}
