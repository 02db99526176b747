using Google.Protobuf;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx.Proto;

namespace OnnxActNN.Rewriter.Onnx;

/// <summary>Writes a graph and the graphs inside it.</summary>
internal static class GraphWriter
{
    public static GraphProto Write(Graph graph)
    {
        var source = graph.Source as PreservedGraph;
        var message = source?.Message.Clone() ?? new GraphProto { Name = graph.Name };
        foreach (var node in graph.Nodes) message.Node.Add(Write(node));
        foreach (var value in graph.Inputs) message.Input.Add(Declare(value));
        WriteOutputs(graph, source, message);
        foreach (var value in graph.Initializers) message.Initializer.Add(Write(value.Name, value.Initializer!));
        WriteValueInfo(graph, source, message);
        return message;
    }

    private static void WriteOutputs(Graph graph, PreservedGraph? source, GraphProto message)
    {
        var originals = new Dictionary<string, ValueInfoProto>();
        foreach (var declaration in source?.Outputs ?? []) originals.TryAdd(declaration.Name, declaration);
        for (var index = 0; index < graph.Outputs.Count; index++)
        {
            var value = graph.Outputs[index];
            var original = source?.Outputs.ElementAtOrDefault(index) is { } here && here.Name == value.Name
                ? here
                : originals.GetValueOrDefault(value.Name);
            message.Output.Add(Declare(value, original));
        }
    }

    /// <summary>The file's own declarations in their order, then those that passes added, in node order.</summary>
    private static void WriteValueInfo(Graph graph, PreservedGraph? source, GraphProto message)
    {
        var written = new HashSet<string>();
        foreach (var declaration in source?.ValueInfo ?? [])
        {
            var value = graph.FindOwn(declaration.Name);
            if (value is null && !source!.Orphans.Contains(declaration.Name)) continue;
            written.Add(declaration.Name);
            message.ValueInfo.Add(value is null ? declaration : Declare(value, declaration));
        }
        foreach (var value in graph.Nodes.SelectMany(node => node.Outputs))
        {
            if (value is { Declared: not null, IsGraphOutput: false } && written.Add(value.Name))
                message.ValueInfo.Add(Declare(value));
        }
    }

    private static ValueInfoProto Declare(Value value, ValueInfoProto? original = null)
    {
        var source = value.Source as PreservedType;
        original ??= source?.Message;
        if (original is not null && IsAsRead(value, source)) return original;
        var declaration = original?.Clone() ?? new ValueInfoProto { Name = value.Name };
        if (value.Declared is { } type) TypeWriter.Write(type, declaration.Type ??= new TypeProto());
        return declaration;
    }

    /// <summary>
    /// Whether no pass changed the type; where the file declares none, an initializer's own type is no change.
    /// </summary>
    private static bool IsAsRead(Value value, PreservedType? source) =>
        value.Declared is null
        || ReferenceEquals(value.Declared, source?.Type)
        || (source?.Type is null && value.Declared.Equals(value.Initializer?.Type));

    private static NodeProto Write(Node node)
    {
        var message = (node.Source as PreservedMessage<NodeProto>)?.Message.Clone() ?? new NodeProto();
        if (message.OpType != node.Operator.Type) message.OpType = node.Operator.Type;
        if (ModelReader.NormalizeDomain(message.Domain) != node.Operator.Domain) message.Domain = node.Operator.Domain;
        if (message.Name != node.Name) message.Name = node.Name;
        if (message.DocString != node.DocString) message.DocString = node.DocString;
        foreach (var input in node.Inputs) message.Input.Add(input?.Name ?? "");
        foreach (var output in node.Outputs) message.Output.Add(output?.Name ?? "");
        foreach (var attribute in node.Attributes) message.Attribute.Add(Write(attribute));
        if (node.HasMetadata) WriteMetadata(node, message);
        return message;
    }

    private static void WriteMetadata(Node node, NodeProto message)
    {
        foreach (var (key, value) in node.Metadata)
        {
            var entry = message.MetadataProps.FirstOrDefault(entry => entry.Key == key);
            if (entry is null) message.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
            else entry.Value = value;
        }
    }

    private static AttributeProto Write(NodeAttribute attribute)
    {
        var source = (attribute.Source as PreservedMessage<AttributeProto>)?.Message;
        switch (attribute.Value)
        {
            case AttributeValue.Subgraph body:
                var withBody = Rebuild(attribute.Name, source, AttributeProto.Types.AttributeType.Graph);
                withBody.G = Write(body.Value);
                return withBody;
            case AttributeValue.Subgraphs bodies:
                var withBodies = Rebuild(attribute.Name, source, AttributeProto.Types.AttributeType.Graphs);
                withBodies.Graphs.Clear();
                withBodies.Graphs.AddRange(bodies.Values.Select(Write));
                return withBodies;
            default:
                return source ?? WriteNew(attribute);
        }
    }

    private static AttributeProto Rebuild(
        string name, AttributeProto? source, AttributeProto.Types.AttributeType type) =>
        source?.Clone() ?? new AttributeProto { Name = name, Type = type };

    private static AttributeProto WriteNew(NodeAttribute attribute)
    {
        var message = new AttributeProto { Name = attribute.Name };
        switch (attribute.Value)
        {
            case AttributeValue.Int number:
                message.I = number.Value;
                message.Type = AttributeProto.Types.AttributeType.Int;
                break;
            case AttributeValue.Float number:
                message.F = number.Value;
                message.Type = AttributeProto.Types.AttributeType.Float;
                break;
            case AttributeValue.Bytes text:
                message.S = ByteString.CopyFrom(text.Value.Span);
                message.Type = AttributeProto.Types.AttributeType.String;
                break;
            case AttributeValue.Ints numbers:
                message.Ints.AddRange(numbers.Values);
                message.Type = AttributeProto.Types.AttributeType.Ints;
                break;
            case AttributeValue.Floats numbers:
                message.Floats.AddRange(numbers.Values);
                message.Type = AttributeProto.Types.AttributeType.Floats;
                break;
            case AttributeValue.Tensor tensor:
                message.T = Write("", tensor.Value);
                message.Type = AttributeProto.Types.AttributeType.Tensor;
                break;
            default:
                throw new InvalidOperationException($"Attribute '{attribute.Name}' has no form that can be written.");
        }
        return message;
    }

    private static TensorProto Write(string name, TensorData data)
    {
        if (data is ProtoTensorData original && (name.Length == 0 || original.Message.Name == name))
            return original.Message;
        var message = new TensorProto { Name = name, DataType = (int)data.ElementType };
        message.Dims.AddRange(data.Sizes);
        switch (data)
        {
            case ProtoTensorData renamed:
                message = renamed.Message.Clone();
                message.Name = name;
                break;
            case { ElementType: DataType.Int64 }:
                message.Int64Data.AddRange(data.TryGetIntegers());
                break;
            default:
                message.FloatData.AddRange(data.TryGetFloats()!.Select(element => (float)element));
                break;
        }
        return message;
    }
}
