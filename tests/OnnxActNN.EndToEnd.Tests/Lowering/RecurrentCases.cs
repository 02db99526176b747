using static OnnxActNN.EndToEnd.Tests.Lowering.CaseTensor;
using static OnnxActNN.EndToEnd.Tests.Lowering.OperatorCase;

namespace OnnxActNN.EndToEnd.Tests.Lowering;

/// <summary>The LSTM and its gradient: with and without bias, first states, and gradients of the last states.</summary>
internal static class RecurrentCases
{
    private const long Steps = 5;
    private const long Batch = 3;
    private const long Inputs = 4;
    private const long Hidden = 6;

    private static readonly long[] AllSizes = [Steps, 1, Batch, Hidden];
    private static readonly long[] LastSizes = [1, Batch, Hidden];
    private static readonly long[] GateSizes = [Steps, 1, Batch, 4 * Hidden];

    public static IEnumerable<OperatorCase> All()
    {
        yield return Lstm("all").With(Uniform(4, 1, 8 * Hidden), null, Uniform(5, LastSizes), Uniform(6, LastSizes));
        yield return Lstm("no bias").With(null, null, Uniform(5, LastSizes), Uniform(6, LastSizes));
        yield return Lstm("no first states").With(Uniform(4, 1, 8 * Hidden));
        yield return Gradient("of all states", last: false);
        yield return Gradient("of all and last states", last: true);
    }

    private static OperatorCase Lstm(string name) => OfMicrosoft("LSTMTraining", name)
        .With(Uniform(1, Steps, Batch, Inputs), Uniform(2, 1, 4 * Hidden, Inputs), Uniform(3, 1, 4 * Hidden, Hidden))
        .With("hidden_size", Hidden)
        .To(AllSizes).To(LastSizes).To(LastSizes).To(AllSizes).To(GateSizes);

    private static OperatorCase Gradient(string name, bool last) => OfMicrosoft("LSTMGrad", name)
        .With(Uniform(1, Steps, Batch, Inputs), Uniform(2, 1, 4 * Hidden, Inputs), Uniform(3, 1, 4 * Hidden, Hidden))
        .With((CaseTensor?)null)
        .With(Uniform(5, LastSizes), Uniform(6, LastSizes), Uniform(7, AllSizes), Uniform(8, AllSizes), Gates())
        .With(Uniform(9, AllSizes))
        .With(last ? Uniform(10, LastSizes) : null, last ? Uniform(11, LastSizes) : null)
        .With("hidden_size", Hidden)
        .To(Steps, Batch, Inputs).To(1, 4 * Hidden, Inputs).To(1, 4 * Hidden, Hidden).To(1, 8 * Hidden).To(LastSizes)
        .To(LastSizes);

    private static CaseTensor Gates() => Floats(GateSizes, index => 0.5 + 0.45 * Math.Sin(index));
}
