using static OnnxActNN.EndToEnd.Tests.Lowering.CaseTensor;
using static OnnxActNN.EndToEnd.Tests.Lowering.OperatorCase;

namespace OnnxActNN.EndToEnd.Tests.Lowering;

/// <summary>Softmax cross entropy: reductions, weights, labels to ignore, labels per sample and per pixel.</summary>
internal static class LossCases
{
    private const long Classes = 5;
    private const long Ignored = 2;

    public static IEnumerable<OperatorCase> All()
    {
        foreach (var labels in (long[][])[[6], [2, 3, 4]])
        {
            foreach (var reduction in (string[])["mean", "sum", "none"])
            {
                yield return Gradient(labels, reduction);
                yield return Gradient(labels, reduction, weighted: true);
                yield return Gradient(labels, reduction, ignored: Ignored);
                yield return Gradient(labels, reduction, weighted: true, ignored: Ignored);
                yield return InternalGradient(labels, reduction);
            }
            yield return Loss(labels, weighted: false);
            yield return Loss(labels, weighted: true);
        }
        yield return Gradient([6], "mean", ignored: -100);
    }

    private static OperatorCase Gradient(long[] labels, string reduction, bool weighted = false, long? ignored = null)
    {
        var scores = Scores(labels);
        var name = $"{reduction} of rank {labels.Length}";
        if (weighted) name += ", weighted";
        if (ignored is not null) name += $", {ignored} ignored";
        var one = OfMicrosoft("SoftmaxCrossEntropyLossGrad", name)
            .With(Seed(labels, reduction), LogProbabilities(scores), Labels(labels, ignored))
            .With("reduction", reduction).To(scores);
        if (weighted) one.With(Weights());
        return ignored is { } value ? one.With("ignore_index", value) : one;
    }

    private static OperatorCase InternalGradient(long[] labels, string reduction)
    {
        var scores = Scores(labels);
        return OfMicrosoft("SoftmaxCrossEntropyLossInternalGrad", $"{reduction} of rank {labels.Length}")
            .With(Seed(labels, reduction), LogProbabilities(scores), Labels(labels, Ignored), Weights())
            .With(Integers([], _ => Ignored).AsConstant())
            .With("reduction", reduction).To(scores);
    }

    private static OperatorCase Loss(long[] labels, bool weighted)
    {
        var scores = Scores(labels);
        return OfMicrosoft("SoftmaxCrossEntropyLossInternal", $"rank {labels.Length}{(weighted ? ", weighted" : "")}")
            .With(Uniform(1, scores), Labels(labels, Ignored))
            .With(weighted ? Weights() : null, Integers([], _ => Ignored).AsConstant())
            .With("reduction", "mean").To().To(scores);
    }

    private static long[] Scores(long[] labels) => [labels[0], Classes, .. labels[1..]];

    private static CaseTensor Seed(long[] labels, string reduction) =>
        reduction == "none" ? Uniform(1, labels) : Floats([], _ => 0.7);

    private static CaseTensor LogProbabilities(long[] scores) =>
        Floats(scores, index => Math.Log(0.2 + 0.1 * Math.Sin(index)));

    private static CaseTensor Labels(long[] sizes, long? ignored) =>
        Integers(sizes, index => index % 4 == 1 && ignored is { } value ? value : index * 3 % Classes);

    private static CaseTensor Weights() => Floats([Classes], index => 0.5 + 0.25 * index);
}
