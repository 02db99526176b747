using static OnnxActNN.Rewriter.Lowering.Formula;

namespace OnnxActNN.Rewriter.Lowering;

/// <summary>
/// What the recipes for the LSTM and its gradient share: the form they cover, and the layout of its tensors.
/// </summary>
internal static class LstmForm
{
    private const int GateCount = 4;

    /// <exception cref="RecipeException">Not one forward direction, or activations, clipping, lengths or peepholes that
    /// are not covered.</exception>
    public static void Check(NodeWriter writer, int lengths, int peepholes)
    {
        var attributes = writer.Node.Attributes;
        if (attributes.GetText("direction", "forward") != "forward")
            throw NodeWriter.Fail("the direction is not forward");
        if (attributes.GetInt("input_forget", 0) != 0) throw NodeWriter.Fail("input_forget is set");
        foreach (var name in (string[])["activations", "clip"])
            if (attributes.Find(name) is not null) throw NodeWriter.Fail($"{name} is given");
        if (writer.Has(lengths)) throw NodeWriter.Fail("sequence lengths are given");
        if (peepholes >= 0 && writer.Has(peepholes)) throw NodeWriter.Fail("peepholes are given");
    }

    /// <summary>A tensor [1, ...] without the directions' axis.</summary>
    public static Term OneDirection(Term x) => Squeeze(x, 0);

    /// <summary>h and c before the first step, [batch, hidden]; zeros where they are left out.</summary>
    public static Term[] FirstStates(NodeWriter writer, int hidden, int cell) =>
        [First(writer, hidden), First(writer, cell)];

    /// <summary>i, o, f and g of [batch, 4·hidden].</summary>
    public static Term[] Gates(Term x) =>
        x.Writer.WriteMany("Split", [x], GateCount, attributes => attributes.Set("axis", -1));

    /// <summary>[sequence, batch, width] as [sequence·batch, width].</summary>
    public static Term Rows(Term x) => x.Writer.Write("Flatten", [x], attributes => attributes.Set("axis", -1));

    public static Term ZerosLike(Term x) => Zeros(x.Writer.Write("Shape", [x]));

    private static Term First(NodeWriter writer, int input)
    {
        if (writer.Has(input)) return OneDirection(writer.Input(input));
        var x = writer.Write("Shape", [writer.Input(0)]);
        var r = writer.Write("Shape", [writer.Input(2)]);
        return Zeros(Concat(0, Slice(x, [1], [2], [0]), Slice(r, [2], [3], [0])));
    }
}
