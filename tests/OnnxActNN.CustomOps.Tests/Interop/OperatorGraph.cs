using OnnxActNN.Format;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx;

namespace OnnxActNN.CustomOps.Tests.Interop;

/// <summary>Small models around the operators, as the bytes of .onnx files.</summary>
internal static class OperatorGraph
{
    /// <summary>The name of the packing node, which error messages must carry.</summary>
    public const string PackName = "pack of a";

    /// <summary>The name of the unpacking node.</summary>
    public const string UnpackName = "unpack of a";

    /// <summary>
    /// x → Identity → a → QuantizePack → packed, shape, passthrough → Identity → next; (packed, shape, next) →
    /// UnpackDequant → y: the way of an activation, with "next" in the place of the backward pass. All but a and
    /// passthrough are outputs.
    /// </summary>
    public static byte[] PackUnpack(
        DataType type, Action<AttributeList>? pack = null, Action<AttributeList>? unpack = null)
    {
        var graph = new Graph("pack_unpack");
        var x = AddInput(graph, "x", type);
        var a = Add(graph, OperatorId.Onnx("Identity"), [x], ["a"])[0];
        var packed = Add(
            graph, Own(OperatorSchema.QuantizePack.Name), [a], ["packed", "shape", "passthrough"], PackName, pack);
        var next = Add(graph, OperatorId.Onnx("Identity"), [packed[2]], ["next"])[0];
        var y = Add(
            graph, Own(OperatorSchema.UnpackDequant.Name), [packed[0], packed[1], next], ["y"], UnpackName, unpack)[0];
        AddOutputs(graph, (packed[0], DataType.UInt8), (packed[1], DataType.UInt8), (next, type), (y, type));
        return Write(graph);
    }

    /// <summary>(packed, shape, trigger) → UnpackDequant → y, all from outside.</summary>
    public static byte[] Unpack(DataType type)
    {
        var graph = new Graph("unpack");
        var packed = AddInput(graph, "packed", DataType.UInt8);
        var shape = AddInput(graph, "shape", DataType.UInt8);
        Value[] inputs = [packed, shape, AddInput(graph, "trigger", type)];
        var y = Add(graph, Own(OperatorSchema.UnpackDequant.Name), inputs, ["y"], UnpackName)[0];
        AddOutputs(graph, (y, type));
        return Write(graph);
    }

    /// <summary>One operator whose inputs all come from outside; one without a name is left out.</summary>
    public static byte[] Reader(
        string type, IEnumerable<(string Name, DataType Type)> inputs,
        IEnumerable<(string Name, DataType Type)> outputs, Action<AttributeList>? attributes = null)
    {
        var graph = new Graph("reader");
        Value?[] read = [.. inputs.Select(
            input => input.Name.Length == 0 ? null : AddInput(graph, input.Name, input.Type))];
        Value[] written = [.. outputs.Select(output => graph.AddValue(output.Name))];
        var node = GraphEditor.Add(graph, Own(type), UnpackName, read, written);
        attributes?.Invoke(node.Attributes);
        AddOutputs(graph, [.. written.Zip(outputs, (value, output) => (value, output.Type))]);
        return Write(graph);
    }

    /// <summary>
    /// x → MaxPool → y, indices; (indices, x) → IndexPack → packed; x → MaxPoolIndexPack → own_packed, own_y: the same
    /// twice.
    /// </summary>
    public static byte[] Pools(DataType type, Action<AttributeList> configure, Action<AttributeList> configureOwn)
    {
        var graph = new Graph("pools");
        var x = AddInput(graph, "x", type);
        var pooled = Add(graph, OperatorId.Onnx("MaxPool"), [x], ["y", "indices"], "pool", configure);
        var packed = Add(
            graph, Own(OperatorSchema.IndexPack.Name), [pooled[1], x], ["packed", "shape"], PackName, configure);
        var own = Add(
            graph, Own(OperatorSchema.MaxPoolIndexPack.Name), [x], ["own_packed", "own_shape", "own_y"], UnpackName,
            configure);
        configureOwn(own[0].Producer!.Attributes);
        AddOutputs(graph, (pooled[0], type), (packed[0], DataType.UInt8), (own[0], DataType.UInt8), (own[2], type));
        return Write(graph);
    }

    /// <summary>x → ShapeCarrier → shape, passthrough; Shape(shape) → dimensions.</summary>
    public static byte[] CarryShape(DataType type)
    {
        var graph = new Graph("carry_shape");
        var x = AddInput(graph, "x", type);
        var a = Add(graph, OperatorId.Onnx("Identity"), [x], ["a"])[0];
        var carried = Add(graph, Own(OperatorSchema.ShapeCarrier.Name), [a], ["shape", "passthrough"]);
        var next = Add(graph, OperatorId.Onnx("Identity"), [carried[1]], ["next"])[0];
        var dimensions = Add(
            graph, OperatorId.Onnx("Shape"), [carried[0]], ["dimensions"], "",
            attributes => attributes.Set("end", -1))[0];
        AddOutputs(graph, (dimensions, DataType.Int64), (next, type));
        return Write(graph);
    }

    private static OperatorId Own(string type) => new(OperatorSchema.Domain, type);

    private static Value AddInput(Graph graph, string name, DataType type)
    {
        var value = graph.AddValue(name, new TensorType(type, null));
        graph.AddInput(value);
        return value;
    }

    private static Value[] Add(
        Graph graph, OperatorId op, Value[] inputs, string[] outputs, string name = "",
        Action<AttributeList>? configure = null)
    {
        Value[] values = [.. outputs.Select(output => graph.AddValue(output))];
        var node = GraphEditor.Add(graph, op, name, inputs, values);
        configure?.Invoke(node.Attributes);
        return values;
    }

    private static void AddOutputs(Graph graph, params (Value Value, DataType Type)[] outputs)
    {
        foreach (var (value, type) in outputs)
        {
            value.Declared = new TensorType(type, null);
            graph.AddOutput(value);
        }
    }

    private static byte[] Write(Graph graph) => ModelWriter.Write(new Model(graph)
    {
        IrVersion = 8,
        OpsetImports = { [""] = 15, [OperatorSchema.Domain] = OperatorSchema.Version },
    });
}
