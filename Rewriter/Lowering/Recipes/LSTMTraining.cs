using OnnxActNN.Rewriter.IR;
using static OnnxActNN.Rewriter.Lowering.Formula;

namespace OnnxActNN.Rewriter.Lowering.Recipes;

/// <summary>
/// i, o, f = sigmoid and g = tanh of X·Wᵀ + h·Rᵀ + b, c ← f·c + i·g, h ← o·tanh c, by a Scan over the sequence that
/// also gives all cell states and the gates [i, o, f, g]. The product with X is made for all steps at once.
/// Source: ONNX LSTM-14; lstm_io_utils.cc of ONNX Runtime 1.19.2 for the layout of outputs 3 and 4.
/// </summary>
internal sealed class LSTMTraining : IRecipe
{
    public OperatorId Operator { get; } = new(OperatorId.Microsoft, "LSTMTraining");

    public long Opset => 13;

    public void Write(NodeWriter writer)
    {
        LstmForm.Check(writer, lengths: 4, peepholes: 7);
        var w = LstmForm.OneDirection(writer.Input(1));
        var recurrent = Transpose(LstmForm.OneDirection(writer.Input(2)), 1, 0);
        var gates = MatMul(writer.Input(0), Transpose(w, 1, 0));
        if (writer.Has(3)) gates += Bias(writer);
        var results = ScanLoop.Write(
            writer, LstmForm.FirstStates(writer, hidden: 5, cell: 6), [gates], isReverse: false, (states, slices) =>
        {
            var parts = LstmForm.Gates(slices[0] + MatMul(states[0], recurrent with { Writer = slices[0].Writer }));
            var (i, o, f, g) = (Sigmoid(parts[0]), Sigmoid(parts[1]), Sigmoid(parts[2]), Tanh(parts[3]));
            var cell = f * states[1] + i * g;
            var hidden = o * Tanh(cell);
            return [hidden, cell, Unsqueeze(hidden, 0), Unsqueeze(cell, 0), Unsqueeze(Concat(-1, i, o, f, g), 0)];
        });
        writer.Return(0, results[2]);
        if (writer.IsWanted(1)) writer.Return(1, Unsqueeze(results[0], 0));
        if (writer.IsWanted(2)) writer.Return(2, Unsqueeze(results[1], 0));
        writer.Return(3, results[3]);
        writer.Return(4, results[4]);
    }

    /// <summary>The bias of W and that of R, which stand one behind the other.</summary>
    private static Term Bias(NodeWriter writer) => ReduceSum(Reshape(writer.Input(3), 2, -1), [0], keepAxes: false);
}
