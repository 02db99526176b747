using Google.Protobuf;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Rewriter.Onnx.Proto;
using AttributeType = OnnxActNN.Rewriter.Onnx.Proto.AttributeProto.Types.AttributeType;

namespace OnnxActNN.Rewriter.Tests.Onnx;

/// <summary>ONNX messages in few words.</summary>
internal static class Messages
{
    /// <summary>A model of one Relu from <c>x</c> to <c>y</c>, for tests that add one odd thing.</summary>
    public static ModelProto Relu() => Model(new GraphProto
    {
        Name = "g",
        Node = { Node("Relu", ["x"], ["y"]) },
        Input = { Info("x", 2, 3) },
        Output = { Info("y", 2, 3) },
    });

    public static ModelProto Model(GraphProto graph) => new()
    {
        IrVersion = 8,
        ProducerName = "test",
        Graph = graph,
        OpsetImport = { new OperatorSetIdProto { Domain = "", Version = 15 } },
    };

    public static NodeProto Node(string type, string[] inputs, string[] outputs, params AttributeProto[] attributes)
    {
        var node = new NodeProto { OpType = type, Name = $"{type}_{outputs[0]}" };
        node.Input.AddRange(inputs);
        node.Output.AddRange(outputs);
        node.Attribute.AddRange(attributes);
        return node;
    }

    /// <summary>A float tensor's declaration; a string is a dimension's name.</summary>
    public static ValueInfoProto Info(string name, params object[] dimensions)
    {
        var shape = new TensorShapeProto();
        foreach (var dimension in dimensions)
        {
            shape.Dim.Add(dimension is string text
                ? new TensorShapeProto.Types.Dimension { DimParam = text }
                : new TensorShapeProto.Types.Dimension { DimValue = (int)dimension });
        }
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)DataType.Float, Shape = shape };
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = tensor } };
    }

    public static TensorProto Floats(string name, params float[] elements)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)DataType.Float, Dims = { elements.Length } };
        tensor.FloatData.AddRange(elements);
        return tensor;
    }

    public static TensorProto External(string name, long[] sizes, params (string Key, string Value)[] entries)
    {
        var tensor = new TensorProto
        {
            Name = name,
            DataType = (int)DataType.Float,
            DataLocation = TensorProto.Types.DataLocation.External,
        };
        tensor.Dims.AddRange(sizes);
        foreach (var (key, value) in entries)
            tensor.ExternalData.Add(new StringStringEntryProto { Key = key, Value = value });
        return tensor;
    }

    public static AttributeProto Body(string name, GraphProto graph) => new()
    {
        Name = name,
        Type = AttributeType.Graph,
        G = graph,
    };

    public static StringStringEntryProto Entry(string key, string value) => new() { Key = key, Value = value };

    /// <summary>The same message with a number and a text in fields that the standard does not have.</summary>
    public static T WithUnknownFields<T>(this T message)
        where T : IMessage<T>, new()
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true))
        {
            message.WriteTo(output);
            output.WriteTag(5000, WireFormat.WireType.Varint);
            output.WriteInt64(-7);
            output.WriteTag(5001, WireFormat.WireType.LengthDelimited);
            output.WriteString("from the future");
        }
        return new MessageParser<T>(() => new T()).ParseFrom(stream.ToArray());
    }

    public static Model Read(this ModelProto message) => ModelReader.Read(message.ToByteArray());

    public static ModelProto Write(this Model model) => ModelProto.Parser.ParseFrom(ModelWriter.Write(model));
}
