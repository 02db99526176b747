using OnnxActNN.Format;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Planning;

namespace OnnxActNN.Rewriter.Passes;

/// <summary>Lets the backward readers of tensors read them with noise, as strong as inputs of the graph say.</summary>
/// <remarks>
/// 1. A code of 8 bits of the tensor, decoded at once; the difference to the tensor is noise of known variance with the
/// groups' ranges.
/// 2. Backward readers of its values read tensor + strength · noise. The strength is an input of its own: at 0 the
/// graph computes what it did, and one session serves for all tensors. The nodes count as backward nodes. Nothing is
/// saved by this; the graph is for some steps of a profile.
/// </remarks>
internal sealed class InsertProbes(Graph graph)
{
    private static readonly TensorType Scalar = new(DataType.Float, Shape.Scalar);
    private readonly PackAttributeWriter _attributes = new(seed: 1);
    private int _count;

    /// <summary>The probes of plans with a code, in their order.</summary>
    public IReadOnlyList<Probe> Apply(IEnumerable<TensorPlan> plans) => [.. plans.Select(Insert)];

    private Probe Insert(TensorPlan plan)
    {
        var tensor = plan.Tensor.Value;
        var readers = plan.Reads.Where(read => read.Form == ReadForm.Values).Select(read => read.Consumer.Use).ToList();
        var own = plan.Format!;
        var format = new PackFormat(CodeWidth.EightBits, own.ZeroExact)
        {
            GroupAxis = own.GroupAxis,
            GroupSize = own.GroupSize,
            Layout = own.Layout,
        };
        var strength = graph.AddFreshValue($"{tensor.Name}/strength", Scalar);
        graph.AddInput(strength);
        var noise = Noise(tensor, plan.Tensor.Type!, format, readers[0].Node); // Rule 1.
        var scaled = Add("Mul", [noise, strength], $"{tensor.Name}/scaled_noise");
        var noisy = Add("Add", [tensor, scaled], $"{tensor.Name}/noisy");
        foreach (var (node, input) in readers) node.SetInput(input, noisy); // Rule 2.
        return new Probe(tensor.Name, strength.Name, format);

        Value Add(string type, Value[] inputs, string name) =>
            AddNode(OperatorId.Onnx(type), inputs, readers[0].Node, graph.AddFreshValue(name, plan.Tensor.Type));
    }

    private Value Noise(Value tensor, TensorType type, PackFormat format, Node reader)
    {
        var (packed, shape) =
            (graph.AddFreshValue($"{tensor.Name}/packed"), graph.AddFreshValue($"{tensor.Name}/shape"));
        AddNode(
            PackOperators.QuantizePack, [tensor], reader, packed, shape,
            graph.AddFreshValue($"{tensor.Name}/passthrough", type));
        _attributes.Write(packed.Producer!, format, ++_count);
        var restored = AddNode(
            PackOperators.UnpackDequant, [packed, shape, tensor], reader,
            graph.AddFreshValue($"{tensor.Name}/restored", type));
        return AddNode(
            OperatorId.Onnx("Sub"), [restored, tensor], reader, graph.AddFreshValue($"{tensor.Name}/noise", type));
    }

    private Value AddNode(OperatorId op, Value[] inputs, Node reader, params Value[] outputs)
    {
        var node = GraphEditor.InsertBefore(reader, op, $"{outputs[0].Name}/{op.Type}", inputs, outputs);
        node.DocString = BackwardMark.SameAs(reader);
        return outputs[0];
    }
}
