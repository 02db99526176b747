using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx.Proto;

namespace OnnxActNN.Rewriter.Onnx;

/// <summary>Reads a graph and the graphs inside it.</summary>
/// <remarks>
/// Two rounds: first every name the graph defines, then what its nodes read. So nodes may stand in any order (ONNX
/// Runtime accepts that), and a subgraph finds every name of the graphs around it. The messages are taken over: what
/// the object model holds is cleared in them, the rest stays for the writer. Lookups are by hash: a file of any make is
/// read in linear time.
/// </remarks>
internal sealed class GraphReader(string file, string? folder)
{
    /// <summary>Each operator's name once, for as many nodes as have it: names are compared all the time.</summary>
    private readonly Dictionary<OperatorId, OperatorId> _operators = [];

    private readonly TypeReader _types = new();

    public Graph Read(GraphProto message, Graph? outer)
    {
        var declarations = Declarations(message);
        var graph = new Graph(message.Name, outer)
        {
            Source = new PreservedGraph(message, [.. message.ValueInfo], Orphans(message), [.. message.Output]),
        };
        var place = new Place($"{file}, graph '{message.Name}'");
        foreach (var input in message.Input) graph.AddInput(Define(graph, input.Name, input, place));
        foreach (var tensor in message.Initializer) ReadInitializer(graph, tensor, declarations, place);
        foreach (var tensor in message.SparseInitializer) ReadSparseInitializer(graph, tensor, declarations, place);
        var nodes = message.Node.Select(node => (Message: node, Node: DefineNode(graph, node, declarations, place)))
            .ToList();
        foreach (var (nodeMessage, node) in nodes) Connect(graph, nodeMessage, node, place);
        foreach (var output in message.Output)
        {
            graph.AddOutput(graph.Find(output.Name)
                ?? throw new OnnxFormatException(place.ToString(), $"output '{output.Name}' is never written."));
        }
        message.Node.Clear();
        message.Input.Clear();
        message.Output.Clear();
        message.Initializer.Clear();
        message.ValueInfo.Clear();
        return graph;
    }

    private static Dictionary<string, ValueInfoProto> Declarations(GraphProto message)
    {
        var declarations = new Dictionary<string, ValueInfoProto>();
        foreach (var declaration in message.ValueInfo.Concat(message.Output))
            declarations.TryAdd(declaration.Name, declaration);
        return declarations;
    }

    private static HashSet<string> Orphans(GraphProto message)
    {
        var defined = message.Node.SelectMany(node => node.Output)
            .Concat(message.Input.Select(input => input.Name))
            .Concat(message.Initializer.Select(tensor => tensor.Name))
            .ToHashSet();
        return message.ValueInfo.Select(declaration => declaration.Name).Where(name => !defined.Contains(name))
            .ToHashSet();
    }

    private Value Define(
        Graph graph, string name, ValueInfoProto? declaration, Place place, TensorType? undeclared = null)
    {
        if (name.Length == 0)
            throw new OnnxFormatException(place.ToString(), "has an input or initializer without a name.");
        var type = (declaration is null ? null : _types.Read(declaration)) ?? undeclared;
        try
        {
            return graph.AddValue(name, type, declaration is null ? null : new PreservedType(declaration, type));
        }
        catch (ArgumentException error)
        {
            throw new OnnxFormatException(place.ToString(), $"'{name}' is defined twice.", error);
        }
    }

    private void ReadInitializer(
        Graph graph, TensorProto tensor, Dictionary<string, ValueInfoProto> declarations, Place place)
    {
        var data = new ProtoTensorData(tensor, place with { Kind = "initializer", Name = tensor.Name }, folder);
        var input = graph.FindOwn(tensor.Name);
        if (input?.Initializer is not null)
            throw new OnnxFormatException(place.ToString(), $"initializer '{tensor.Name}' stands twice.");
        graph.AddInitializer(
            input ?? Define(graph, tensor.Name, declarations.GetValueOrDefault(tensor.Name), place, data.Type), data);
    }

    /// <summary>A sparse constant is a value without data here: its name counts, the rest is carried along.</summary>
    private void ReadSparseInitializer(
        Graph graph, SparseTensorProto tensor, Dictionary<string, ValueInfoProto> declarations, Place place)
    {
        if (tensor.Values?.Name is not { Length: > 0 } name || graph.FindOwn(name) is not null) return;
        if (tensor.Dims.Any(size => size < 0))
            throw new OnnxFormatException(
                $"{place}, sparse initializer '{name}'", $"sizes {tensor.Dims}: one is negative.");
        var type = new TensorType((DataType)tensor.Values.DataType, Shape.Of(tensor.Dims));
        Define(graph, name, declarations.GetValueOrDefault(name), place, type);
    }

    private Node DefineNode(
        Graph graph, NodeProto message, Dictionary<string, ValueInfoProto> declarations, Place place)
    {
        if (message.OpType.Length == 0)
            throw new OnnxFormatException(place.ToString(), $"node '{message.Name}' has no operator type.");
        var node = new Node(OperatorOf(message), message.Name)
        {
            DocString = message.DocString,
            Source = new PreservedMessage<NodeProto>(message),
        };
        graph.Nodes.Add(node);
        node.AddOutputs([.. message.Output.Select(
            name => name.Length == 0
            ? null
            : Define(graph, name, declarations.GetValueOrDefault(name), place with { Node = node }))]);
        return node;
    }

    private OperatorId OperatorOf(NodeProto message)
    {
        var op = new OperatorId(ModelReader.NormalizeDomain(message.Domain), message.OpType);
        if (_operators.TryGetValue(op, out var known)) return known;
        _operators.Add(op, op);
        return op;
    }

    private void Connect(Graph graph, NodeProto message, Node node, Place place)
    {
        node.AddInputs([.. message.Input.Select(
            name => name.Length == 0
            ? null
            : graph.Find(name)
                ?? throw new OnnxFormatException(
                    $"{place with { Node = node }}", $"reads '{name}', which nothing writes."))]);
        var seen = new HashSet<string>(message.Attribute.Count);
        foreach (var attribute in message.Attribute)
        {
            var attributePlace = new Place(place.Graph, node, "attribute", attribute.Name);
            if (!seen.Add(attribute.Name)) throw new OnnxFormatException(attributePlace.ToString(), "stands twice.");
            node.Attributes.Add(new NodeAttribute(
                attribute.Name, ReadValue(attribute, graph, attributePlace),
                new PreservedMessage<AttributeProto>(attribute)));
        }
        message.Input.Clear();
        message.Output.Clear();
        message.Attribute.Clear();
    }

    private AttributeValue ReadValue(AttributeProto attribute, Graph graph, Place place) => KindOf(attribute) switch
    {
        _ when attribute.RefAttrName.Length > 0 => new AttributeValue.Opaque(),
        AttributeProto.Types.AttributeType.Int => new AttributeValue.Int(attribute.I),
        AttributeProto.Types.AttributeType.Float => new AttributeValue.Float(attribute.F),
        AttributeProto.Types.AttributeType.String => new AttributeValue.Bytes(attribute.S.Memory),
        AttributeProto.Types.AttributeType.Ints => new AttributeValue.Ints(attribute.Ints),
        AttributeProto.Types.AttributeType.Floats => new AttributeValue.Floats(attribute.Floats),
        AttributeProto.Types.AttributeType.Tensor when attribute.T is { } tensor =>
            new AttributeValue.Tensor(new ProtoTensorData(tensor, place, folder)),
        AttributeProto.Types.AttributeType.Graph when attribute.G is { } body =>
            new AttributeValue.Subgraph(Read(body, graph)),
        AttributeProto.Types.AttributeType.Graphs =>
            new AttributeValue.Subgraphs([.. attribute.Graphs.Select(body => Read(body, graph))]),
        _ => new AttributeValue.Opaque(),
    };

    /// <summary>The stated kind; files of IR version 1 state none, there the filled field tells.</summary>
    private static AttributeProto.Types.AttributeType KindOf(AttributeProto attribute) => attribute switch
    {
        { HasType: true, Type: not AttributeProto.Types.AttributeType.Undefined } => attribute.Type,
        { HasI: true } => AttributeProto.Types.AttributeType.Int,
        { HasF: true } => AttributeProto.Types.AttributeType.Float,
        { HasS: true } => AttributeProto.Types.AttributeType.String,
        { T: not null } => AttributeProto.Types.AttributeType.Tensor,
        { G: not null } => AttributeProto.Types.AttributeType.Graph,
        { Ints.Count: > 0 } => AttributeProto.Types.AttributeType.Ints,
        { Floats.Count: > 0 } => AttributeProto.Types.AttributeType.Floats,
        _ => AttributeProto.Types.AttributeType.Undefined,
    };
}
