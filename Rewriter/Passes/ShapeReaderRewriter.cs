using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Passes;

/// <summary>
/// Lets Shape and Size nodes read a shape carrier, whose dimensions are the tensor's with a 0 behind them.
/// </summary>
/// <remarks>
/// 1. From opset 15 on, Shape(carrier, end = −1).
/// 2. Before, Shape(carrier) and a Slice that drops the last number.
/// 3. Shape's own start and end (opset 15) apply to the tensor's dimensions; a second Slice takes them.
/// 4. Size is the product of those numbers.
/// </remarks>
internal sealed class ShapeReaderRewriter(Model model)
{
    private const long FirstOpsetWithEnd = 15;
    private static readonly OperatorId Size = OperatorId.Onnx("Size");
    private readonly Graph _graph = model.Graph;

    public void Rewire(Node reader, Value carrier)
    {
        var result = reader.Output(0)!;
        var isSize = reader.Operator == Size;
        var (start, end) = (reader.Attributes.GetInt("start", 0), reader.Attributes.GetInt("end", long.MaxValue));
        if (!isSize && start == 0 && end == long.MaxValue && model.Opset >= FirstOpsetWithEnd)
        {
            // Rule 1.
            reader.SetInput(0, carrier);
            reader.Attributes.Set("end", -1);
            return;
        }
        reader.SetOutput(0, null);
        var dimensions = start == 0 && end == long.MaxValue && !isSize ? result : Fresh(result, "dimensions");
        InsertDimensions(reader, carrier, dimensions);
        if (isSize) InsertProduct(reader, dimensions, result); // Rule 4.
        else if (dimensions != result) InsertSlice(reader, dimensions, start, end, result); // Rule 3.
        reader.SetInput(0, null);
        GraphEditor.Remove(reader);
    }

    private void InsertDimensions(Node place, Value carrier, Value dimensions)
    {
        if (model.Opset >= FirstOpsetWithEnd)
        {
            Insert(place, "Shape", [carrier], dimensions).Attributes.Set("end", -1);
            return;
        }
        // Rule 2.
        var all = Fresh(dimensions, "all");
        Insert(place, "Shape", [carrier], all);
        InsertSlice(place, all, 0, -1, dimensions);
    }

    private void InsertSlice(Node place, Value from, long start, long end, Value to) =>
        Insert(place, "Slice", [from, Constant(to, "starts", start), Constant(to, "ends", end)], to);

    private void InsertProduct(Node place, Value dimensions, Value result) =>
        Insert(place, "ReduceProd", [dimensions], result).Attributes.Set("keepdims", 0);

    private Value Fresh(Value like, string suffix) => _graph.AddFreshValue($"{like.Name}/{suffix}");

    private Value Constant(Value like, string suffix, long number) =>
        _graph.AddConstant($"{like.Name}/{suffix}", DenseTensorData.Integers(number));

    private Node Insert(Node place, string type, IEnumerable<Value?> inputs, Value output)
    {
        var node = GraphEditor.InsertBefore(place, OperatorId.Onnx(type), $"{output.Name}/{type}", inputs, [output]);
        node.DocString = place.DocString;
        return node;
    }
}
