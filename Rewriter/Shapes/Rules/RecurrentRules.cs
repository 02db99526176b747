using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Shapes.Rules;

/// <summary>
/// Recurrent networks. X is [sequence, batch, input], W [directions, gates·hidden, input], R [directions, gates·hidden,
/// hidden].
/// </summary>
internal static class RecurrentRules
{
    public static void AddTo(RuleRows<ShapeRule> rows)
    {
        rows.Onnx(Standard, "RNN", "GRU", "LSTM");
        rows.Onnx(Scan, "Scan");
        rows.Microsoft(context => Training(context, lastOfHidden: 2, gates: 4), "LSTMTraining");
        rows.Microsoft(context => Training(context, lastOfHidden: 1, gates: 3), "GRUTraining");
        rows.Microsoft(LstmGrad, "LSTMGrad");
        rows.Microsoft(GruGrad, "GRUGrad");
    }

    /// <summary>All hidden states, then the last hidden (and cell) state; layout 1 puts the batch first.</summary>
    private static void Standard(RuleContext context)
    {
        if (Sizes.Read(context) is not { } sizes) return;
        var type = context.ElementTypeOf(0);
        var batchFirst = context.Int("layout", 0) != 0;
        context.Set(0, type, batchFirst
            ? new Shape(sizes.Batch, sizes.Sequence, sizes.Directions, sizes.Hidden)
            : sizes.PerStep(1));
        var last = batchFirst ? new Shape(sizes.Batch, sizes.Directions, sizes.Hidden) : sizes.Last;
        context.Set(1, type, last);
        context.Set(2, type, last);
    }

    /// <summary>
    /// States keep their type; of the results that are collected step by step, the body declares the element type.
    /// </summary>
    private static void Scan(RuleContext context)
    {
        if (context.Node.Subgraphs.FirstOrDefault() is not { } body) return;
        var states = context.InputCount - (int)context.Int("num_scan_inputs", context.InputCount);
        for (var output = 0; output < Math.Min(context.OutputCount, body.Outputs.Count); output++)
        {
            if (output < states) context.Copy(output, output);
            else context.Set(output, body.Outputs[output].Declared?.ElementType ?? DataType.Undefined, null);
        }
    }

    /// <summary>The same, then what the backward pass needs per step: cell states of the LSTM, and the gates.</summary>
    private static void Training(RuleContext context, int lastOfHidden, int gates)
    {
        if (Sizes.Read(context) is not { } sizes) return;
        var type = context.ElementTypeOf(0);
        context.Set(0, type, sizes.PerStep(1));
        for (var output = 1; output <= lastOfHidden; output++) context.Set(output, type, sizes.Last);
        if (gates == 4) context.Set(3, type, sizes.PerStep(1));
        context.Set(gates == 4 ? 4 : 2, type, sizes.PerStep(gates));
    }

    private static void LstmGrad(RuleContext context)
    {
        Gradients(context, gates: 4, firstState: 4);
        if (Sizes.Read(context) is not { } sizes) return;
        context.Set(5, context.ElementTypeOf(0), sizes.Last);
        context.Set(6, context.ElementTypeOf(0), new Shape(sizes.Directions, sizes.Hidden * Dimension.Of(3)));
    }

    private static void GruGrad(RuleContext context) => Gradients(context, gates: 3, firstState: 4);

    /// <summary>
    /// dX, dW, dR like X, W, R; dB holds a bias for W and one for R; then the first hidden state's gradient.
    /// </summary>
    private static void Gradients(RuleContext context, int gates, int firstState)
    {
        for (var index = 0; index < 3; index++) context.Copy(index, index);
        if (Sizes.Read(context) is not { } sizes) return;
        context.Set(3, context.ElementTypeOf(0), new Shape(sizes.Directions, sizes.Hidden * Dimension.Of(2 * gates)));
        context.Set(firstState, context.ElementTypeOf(0), sizes.Last);
    }

    private sealed record Sizes(Dimension Sequence, Dimension Batch, Dimension Directions, Dimension Hidden)
    {
        public Shape Last => new(Directions, Batch, Hidden);

        public Shape PerStep(int gates) => new(Sequence, Directions, Batch, Hidden * Dimension.Of(gates));

        public static Sizes? Read(RuleContext context)
        {
            if (context.ShapeOf(0) is not { } x || context.ShapeOf(2) is not { } r) return null;
            if (x.Rank != 3 || r.Rank != 3) throw context.Fail($"needs data and weights of rank 3, not {x} and {r}.");
            var batchFirst = context.Int("layout", 0) != 0;
            return new Sizes(batchFirst ? x[1] : x[0], batchFirst ? x[0] : x[1], r[0], r[2]);
        }
    }
}
