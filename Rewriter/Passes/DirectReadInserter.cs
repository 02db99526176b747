using OnnxActNN.Format;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Passes;

/// <summary>Puts operators that read packed bytes in the place of backward formulas.</summary>
/// <remarks>
/// 1. The operator stands where the formula's result was made, and makes the same value.
/// 2. Relu's gradient reads codes where its tensor is stored in zero-exact ones, else a mask.
/// 3. A ratio that is left out becomes a constant; one that is no float32 is cast.
/// 4. A log-softmax's gradient becomes standard operators behind an UnpackDequant of the probabilities.
/// 5. The formula's nodes go, from its result up to the tensor, as far as nobody else reads them.
/// </remarks>
internal sealed class DirectReadInserter(Graph graph, ForwardBackwardSplit split, Func<Value, TensorType?> typeOf)
{
    private const float DefaultRatio = 0.5f;

    private readonly HashSet<DirectRead> _done = [];

    /// <summary>Replaces a formula; its second reader of the tensor changes nothing.</summary>
    public void Insert(PackedPair pair, DirectRead read)
    {
        if (!_done.Add(read)) return;
        var (result, output) = (read.Result, read.Result.Output(0)!);
        if (read.SumAxis is { } axis)
        {
            InsertLogSoftmax(pair, read, axis);
            return;
        }
        // Rule 2.
        var op = pair.Store.Format is not null && read.Loss is null ? PackOperators.ReluGradFromCodes : read.Operator;
        var inputs = InputsOf(op, pair, read);
        result.SetOutput(0, null);
        // Rule 1.
        var node = InsertBefore(result, op, $"{output.Name}/{op.Type}", inputs, output);
        if (read.Loss is { } loss) WriteAttributes(node, loss);
        if (read.Alpha != 0) node.Attributes.Set(MaskAttributes.Alpha, new AttributeValue.Float(read.Alpha));
        RemoveWithUnread(result);
        (op == PackOperators.MaskUnpack ? pair.Unpacks : pair.Gradients).Add(node);
    }

    private Value?[] InputsOf(OperatorId op, PackedPair pair, DirectRead read)
    {
        if (op == PackOperators.MaskUnpack) return [pair.Packed, pair.Shape, read.Gradient];
        if (read.Loss is { } loss)
            return [read.Gradient, pair.Packed, pair.Shape, loss.Labels,
                .. loss.Weight is null ? (Value?[])[] : [loss.Weight]];
        if (op == PackOperators.MaxPoolGradFromIndex) return [read.Gradient, pair.Packed, pair.Shape];
        if (op == PackOperators.DropoutGradFromMask) return [read.Gradient, pair.Packed, RatioOf(read)];
        return [read.Gradient, pair.Packed];
    }

    /// <summary>Rule 4: dY − P · Σ dY.</summary>
    private void InsertLogSoftmax(PackedPair pair, DirectRead read, long axis)
    {
        var (result, output, type) = (read.Result, read.Result.Output(0)!, pair.Plan.Tensor.Type);
        var weights = graph.AddFreshValue($"{pair.Plan.Tensor.Value.Name}/restored", type);
        pair.Unpacks.Add(InsertBefore(
            result, read.Operator, $"{weights.Name}/{read.Operator.Type}", [pair.Packed, pair.Shape, read.Gradient],
            weights));
        var sum = Apply("ReduceSum", null, read.Gradient, graph.AddConstant(
            $"{output.Name}/axis", DenseTensorData.Integers(axis)));
        sum.Producer!.Attributes.Set("keepdims", 1);
        var product = Apply("Mul", type, weights, sum);
        result.SetOutput(0, null);
        InsertBefore(
            result, OperatorId.Onnx("Sub"), $"{output.Name}/Sub", [read.Gradient, product], output);
        RemoveWithUnread(result);

        Value Apply(string op, TensorType? type, params Value[] inputs)
        {
            var made = graph.AddFreshValue($"{output.Name}/{op}", type);
            InsertBefore(result, OperatorId.Onnx(op), made.Name, inputs, made);
            return made;
        }
    }

    private static void WriteAttributes(Node node, LossGradient loss)
    {
        node.Attributes.Set(LossAttributes.Reduction, loss.Reduction);
        if (loss.IgnoreIndex is { } index)
            node.Attributes.Set(LossAttributes.IgnoreIndex, new AttributeValue.Ints([index]));
    }

    /// <summary>Rule 3.</summary>
    private Value RatioOf(DirectRead read)
    {
        var name = $"{read.Result.DisplayName}/ratio";
        if (read.Ratio is not { } ratio) return graph.AddConstant(name, DenseTensorData.Scalar(DefaultRatio));
        if (typeOf(ratio)?.ElementType is not { } type || type == DataType.Float) return ratio;
        var cast = graph.AddFreshValue(name);
        InsertBefore(read.Result, OperatorId.Onnx("Cast"), $"{name}/Cast", [ratio], cast).Attributes.Set(
            "to", (long)DataType.Float);
        return cast;
    }

    /// <summary>Rule 5.</summary>
    private void RemoveWithUnread(Node node)
    {
        var inputs = node.Inputs.ToArray();
        if (!GraphEditor.TryRemove(node)) return;
        foreach (var input in inputs)
        {
            if (input?.Producer is { } source && source.Graph == graph && split.IsBackward(source))
                RemoveWithUnread(source);
        }
    }

    private Node InsertBefore(Node place, OperatorId op, string name, IEnumerable<Value?> inputs, Value output)
    {
        var node = GraphEditor.InsertBefore(place, op, name, inputs, [output]);
        node.DocString = place.DocString;
        return node;
    }
}
