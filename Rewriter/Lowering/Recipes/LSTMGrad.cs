using OnnxActNN.Rewriter.IR;
using static OnnxActNN.Rewriter.Lowering.Formula;

namespace OnnxActNN.Rewriter.Lowering.Recipes;

/// <summary>
/// The chain rule step by step from the last to the first, by a Scan that hands dh and dc on and gives the gradients
/// dA of the gates' arguments; then for all steps at once dX = dA·W, dW = dAᵀ·X, dR = dAᵀ·H₋₁ and dB = Σ dA.
/// Source: derivative of the formulas in <see cref="LSTMTraining"/>.
/// </summary>
internal sealed class LSTMGrad : IRecipe
{
    public OperatorId Operator { get; } = new(OperatorId.Microsoft, "LSTMGrad");

    public long Opset => 13;

    public void Write(NodeWriter writer)
    {
        LstmForm.Check(writer, lengths: 3, peepholes: -1);
        var first = LstmForm.FirstStates(writer, hidden: 4, cell: 5);
        var (hidden, cells, gates) = (OfSteps(writer, 6), OfSteps(writer, 7), OfSteps(writer, 8));
        var recurrent = LstmForm.OneDirection(writer.Input(2));
        Term[] last = [Last(writer, 10, first[0]), Last(writer, 11, first[1])];
        var given = writer.Has(9) ? OfSteps(writer, 9) : LstmForm.ZerosLike(hidden);
        Term[] slices = [given, cells, Before(cells, first[1]), gates];
        var results = ScanLoop.Write(
            writer, last, slices, isReverse: true,
            (states, step) => Step(states, step, recurrent with { Writer = step[0].Writer }));
        ReturnWeights(writer, results[2], Before(hidden, first[0]));
        if (writer.IsWanted(4)) writer.Return(4, Unsqueeze(results[0], 0));
        if (writer.IsWanted(5)) writer.Return(5, Unsqueeze(results[1], 0));
    }

    private static Term[] Step(Term[] states, Term[] step, Term recurrent)
    {
        var parts = LstmForm.Gates(step[3]);
        var (i, o, f, g) = (parts[0], parts[1], parts[2], parts[3]);
        var hidden = step[0] + states[0];
        var squashed = Tanh(step[1]);
        var cell = states[1] + hidden * o * (1 - squashed * squashed);
        var arguments = Concat(
            -1, cell * g * (i * (1 - i)), hidden * squashed * (o * (1 - o)), cell * step[2] * (f * (1 - f)),
            cell * i * (1 - g * g));
        return [MatMul(arguments, recurrent), cell * f, arguments];
    }

    private static void ReturnWeights(NodeWriter writer, Term arguments, Term hiddenBefore)
    {
        if (writer.IsWanted(0)) writer.Return(0, MatMul(arguments, LstmForm.OneDirection(writer.Input(1))));
        var flat = Transpose(LstmForm.Rows(arguments), 1, 0);
        if (writer.IsWanted(1)) writer.Return(1, Unsqueeze(MatMul(flat, LstmForm.Rows(writer.Input(0))), 0));
        if (writer.IsWanted(2)) writer.Return(2, Unsqueeze(MatMul(flat, LstmForm.Rows(hiddenBefore)), 0));
        if (!writer.IsWanted(3)) return;
        var bias = ReduceSum(flat, [1], keepAxes: false);
        writer.Return(3, Unsqueeze(Concat(0, bias, bias), 0));
    }

    /// <summary>[sequence, 1, batch, width] without the directions' axis.</summary>
    private static Term OfSteps(NodeWriter writer, int input) => Squeeze(writer.Input(input), 1);

    private static Term Last(NodeWriter writer, int input, Term like) =>
        writer.Has(input) ? LstmForm.OneDirection(writer.Input(input)) : LstmForm.ZerosLike(like);

    /// <summary>The state before each step.</summary>
    private static Term Before(Term states, Term first) =>
        Concat(0, Unsqueeze(first, 0), Slice(states, [0], [-1], [0]));
}
