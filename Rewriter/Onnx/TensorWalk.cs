using OnnxActNN.Rewriter.Onnx.Proto;

namespace OnnxActNN.Rewriter.Onnx;

/// <summary>
/// Every tensor a file holds, also those in attributes, inner graphs, functions and training information.
/// </summary>
internal static class TensorWalk
{
    public static IEnumerable<TensorProto> Tensors(ModelProto model) =>
        Tensors(model.Graph)
            .Concat(model.Functions.SelectMany(function => function.Node).SelectMany(Tensors))
            .Concat(model.Functions.SelectMany(function => function.AttributeProto).SelectMany(Tensors))
            .Concat(
                model.TrainingInfo.SelectMany(info => Tensors(info.Initialization).Concat(Tensors(info.Algorithm))));

    private static IEnumerable<TensorProto> Tensors(GraphProto? graph) => graph is null
        ? []
        : graph.Initializer.Concat(graph.SparseInitializer.SelectMany(Tensors)).Concat(graph.Node.SelectMany(Tensors));

    private static IEnumerable<TensorProto> Tensors(NodeProto node) => node.Attribute.SelectMany(Tensors);

    private static IEnumerable<TensorProto> Tensors(SparseTensorProto? sparse)
    {
        if (sparse?.Values is { } values) yield return values;
        if (sparse?.Indices is { } indices) yield return indices;
    }

    private static IEnumerable<TensorProto> Tensors(AttributeProto attribute)
    {
        var own = attribute.T is { } tensor ? attribute.Tensors.Prepend(tensor) : attribute.Tensors;
        return own
            .Concat(Tensors(attribute.SparseTensor))
            .Concat(attribute.SparseTensors.SelectMany(Tensors))
            .Concat(Tensors(attribute.G))
            .Concat(attribute.Graphs.SelectMany(Tensors));
    }
}
