using Google.Protobuf;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx.Proto;
using static OnnxActNN.Rewriter.Tests.Onnx.Messages;
using AttributeType = OnnxActNN.Rewriter.Onnx.Proto.AttributeProto.Types.AttributeType;

namespace OnnxActNN.Rewriter.Tests.Onnx;

/// <summary>Models with one rare thing each, that the standard allows or that real files have against it.</summary>
internal static class OddModels
{
    public static IReadOnlyDictionary<string, Func<ModelProto>> All { get; } = new Dictionary<string, Func<ModelProto>>
    {
        ["unknown fields"] = UnknownFields,
        ["metadata"] = Metadata,
        ["functions"] = Functions,
        ["sparse initializer"] = SparseInitializer,
        ["quantization annotation"] = QuantizationAnnotation,
        ["branches with outer captures"] = Branches,
        ["loop in a loop"] = NestedLoops,
        ["attributes no pass reads"] = RareAttributes,
        ["attributes without a stated kind"] = AttributesOfTheFirstVersion,
        ["declarations of values that are not there"] = Orphans,
        ["declarations stated twice"] = RepeatedDeclarations,
        ["types that are no tensors"] = RareTypes,
        ["tensors in every encoding"] = TensorEncodings,
        ["external data and segments"] = ExternalData,
        ["nodes in no order"] = UnsortedNodes,
        ["inputs and outputs left out"] = LeftOut,
        ["versions left out or stated twice"] = OddVersions,
        ["training information and devices"] = TrainingAndDevices,
    };

    private static ModelProto UnknownFields()
    {
        var model = Relu();
        var graph = model.Graph;
        graph.Node[0].Attribute.Add(
            new AttributeProto { Name = "a", I = 1, Type = AttributeType.Int }.WithUnknownFields());
        graph.Node[0] = graph.Node[0].WithUnknownFields();
        graph.Input[0] = graph.Input[0].WithUnknownFields();
        graph.Output[0] = graph.Output[0].WithUnknownFields();
        graph.Initializer.Add(Floats("w", 1).WithUnknownFields());
        graph.ValueInfo.Add(Info("w", 1).WithUnknownFields());
        model.Graph = graph.WithUnknownFields();
        return model.WithUnknownFields();
    }

    private static ModelProto Metadata()
    {
        var model = Relu();
        model.DocString = "text";
        model.MetadataProps.Add([Entry("k", "v"), Entry("k", "again")]);
        model.Graph.MetadataProps.Add(Entry("graph", ""));
        model.Graph.DocString = "graph text";
        model.Graph.Node[0].MetadataProps.Add(Entry("node", "1"));
        model.Graph.Node[0].Overload = "overload";
        model.Graph.Input[0].MetadataProps.Add(Entry("input", "1"));
        model.Graph.Input[0].DocString = "input text";
        model.Graph.Initializer.Add(Floats("w", 1));
        model.Graph.Initializer[0].MetadataProps.Add(Entry("tensor", "1"));
        return model;
    }

    private static ModelProto Functions()
    {
        var model = Relu();
        model.Graph.Node[0].Domain = "local";
        model.Functions.Add(new FunctionProto
        {
            Name = "Relu",
            Domain = "local",
            Input = { "a" },
            Output = { "b" },
            Attribute = { "alpha" },
            OpsetImport = { new OperatorSetIdProto { Domain = "", Version = 15 } },
            Node =
            {
                Node(
                    "LeakyRelu", ["a"], ["b"],
                    new AttributeProto { Name = "alpha", RefAttrName = "alpha", Type = AttributeType.Float }),
            },
        });
        return model;
    }

    private static ModelProto SparseInitializer()
    {
        var model = Relu();
        model.Graph.SparseInitializer.Add(new SparseTensorProto
        {
            Values = Floats("sparse", 1, 2),
            Indices = new TensorProto { DataType = (int)DataType.Int64, Dims = { 2 }, Int64Data = { 0, 5 } },
            Dims = { 6 },
        });
        model.Graph.Node.Add(Node("Add", ["y", "sparse"], ["z"]));
        return model;
    }

    private static ModelProto QuantizationAnnotation()
    {
        var model = Relu();
        model.Graph.QuantizationAnnotation.Add(new TensorAnnotation
        {
            TensorName = "y",
            QuantParameterTensorNames = { Entry("SCALE_TENSOR", "s") },
        });
        return model;
    }

    private static ModelProto Branches()
    {
        GraphProto Branch(string type) => new()
        {
            Name = type,
            Node = { Node(type, ["y"], ["branch_out"]) },
            Output = { Info("branch_out", 2, 3) },
            ValueInfo = { Info("y", 2, 3) },
        };
        var model = Relu();
        model.Graph.Input.Add(Info("condition"));
        model.Graph.Node.Add(
            Node("If", ["condition"], ["z"], Body("then_branch", Branch("Abs")), Body("else_branch", Branch("Neg"))));
        model.Graph.Output.Add(Info("z", 2, 3));
        return model;
    }

    private static ModelProto NestedLoops()
    {
        GraphProto Loop(GraphProto? inner, int depth)
        {
            var graph = new GraphProto
            {
                Name = $"body{depth}",
                Input = { Info($"i{depth}"), Info($"go{depth}"), Info($"carried{depth}", 2, 3) },
                Node =
                {
                    Node("Add", ["y", $"carried{depth}"], [$"next{depth}"]),
                    Node("Identity", [$"go{depth}"], [$"again{depth}"]),
                },
                Output = { Info($"again{depth}"), Info($"next{depth}", 2, 3) },
            };
            if (inner is not null)
                graph.Node.Add(Node("Loop", ["", $"go{depth}", $"next{depth}"], [$"deep{depth}"], Body("body", inner)));
            return graph;
        }
        var model = Relu();
        model.Graph.Initializer.Add(new TensorProto { Name = "go", DataType = (int)DataType.Bool, Int32Data = { 1 } });
        model.Graph.Node.Add(Node("Loop", ["", "go", "y"], ["z"], Body("body", Loop(Loop(Loop(null, 3), 2), 1))));
        return model;
    }

    private static ModelProto RareAttributes()
    {
        var model = Relu();
        var indices = new TensorProto { DataType = (int)DataType.Int64, Dims = { 1 }, Int64Data = { 0 } };
        var sparse = new SparseTensorProto { Values = Floats("", 1), Indices = indices, Dims = { 4 } };
        TensorProto[] tensors = [Floats("a", 1), Floats("b")];
        GraphProto[] graphs = [new GraphProto { Name = "one" }, new GraphProto { Name = "two" }];
        ByteString[] texts = [ByteString.CopyFrom(0xff, 0), ByteString.Empty];
        model.Graph.Node[0].Attribute.Add(
        [
            new AttributeProto { Name = "strings", Type = AttributeType.Strings, Strings = { texts } },
            new AttributeProto { Name = "tensors", Type = AttributeType.Tensors, Tensors = { tensors } },
            new AttributeProto { Name = "graphs", Type = AttributeType.Graphs, Graphs = { graphs } },
            new AttributeProto { Name = "sparse", Type = AttributeType.SparseTensor, SparseTensor = sparse },
            new AttributeProto { Name = "sparses", Type = AttributeType.SparseTensors, SparseTensors = { sparse } },
            new AttributeProto { Name = "type", Type = AttributeType.TypeProto, Tp = new() { SequenceType = new() } },
            new AttributeProto { Name = "types", Type = AttributeType.TypeProtos, TypeProtos = { new TypeProto() } },
            new AttributeProto { Name = "bytes", Type = AttributeType.String, S = texts[0], DocString = "no UTF-8" },
            new AttributeProto { Name = "empty tensor", Type = AttributeType.Tensor },
            new AttributeProto { Name = "reference", Type = AttributeType.Int, RefAttrName = "outer" },
            new AttributeProto { Name = "unknown kind", Type = (AttributeType)77, I = 3 },
        ]);
        return model;
    }

    private static ModelProto AttributesOfTheFirstVersion()
    {
        var model = Relu();
        model.IrVersion = 1;
        model.Graph.Node[0].Attribute.Add(
        [
            new AttributeProto { Name = "i", I = 0 },
            new AttributeProto { Name = "f", F = 0.5f },
            new AttributeProto { Name = "ints", Ints = { 1, 2 } },
            new AttributeProto { Name = "nothing" },
        ]);
        return model;
    }

    private static ModelProto Orphans()
    {
        var model = Relu();
        model.Graph.ValueInfo.Add(
            [Info("gone", 5), new ValueInfoProto { Name = "" }, new ValueInfoProto(), Info("gone", 6)]);
        return model;
    }

    private static ModelProto RepeatedDeclarations()
    {
        var model = Relu();
        model.Graph.Node.Add(Node("Relu", ["y"], ["z"]));
        model.Graph.Input.Add(new ValueInfoProto { Name = "w" });
        model.Graph.Initializer.Add(Floats("w", 1, 2));
        var outputOfInput = Info("x", "rows", "columns");
        outputOfInput.DocString = "the input, passed on";
        model.Graph.Output.Add([outputOfInput, Info("y", 2, 3), Info("w")]);
        model.Graph.ValueInfo.Add(
            [Info("x", 2, 3), Info("y", 2, "other"), Info("z", 2, 3), Info("z", "other"), Info("w", 2)]);
        return model;
    }

    private static ModelProto RareTypes()
    {
        var model = Relu();
        var tensor = Info("x", 2, "").Type;
        tensor.TensorType.Shape.Dim[0].Denotation = "DATA_BATCH";
        tensor.TensorType.Shape.Dim.Add(new TensorShapeProto.Types.Dimension());
        tensor.TensorType.Shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = -1 });
        tensor.Denotation = "IMAGE";
        model.Graph.Input.Add(
        [
            new ValueInfoProto { Name = "denoted", Type = tensor },
            new ValueInfoProto { Name = "sequence", Type = new() { SequenceType = new() { ElemType = tensor } } },
            new ValueInfoProto { Name = "map", Type = new() { MapType = new() { KeyType = 7, ValueType = tensor } } },
            new ValueInfoProto { Name = "optional", Type = new() { OptionalType = new() { ElemType = tensor } } },
            new ValueInfoProto { Name = "opaque", Type = new() { OpaqueType = new() { Domain = "d", Name = "n" } } },
            new ValueInfoProto { Name = "sparse", Type = new() { SparseTensorType = new() { ElemType = 1 } } },
            new ValueInfoProto { Name = "rank unknown", Type = new() { TensorType = new() { ElemType = 1 } } },
            new ValueInfoProto { Name = "no type" },
        ]);
        return model;
    }

    private static ModelProto TensorEncodings()
    {
        var model = Relu();
        TensorProto Tensor(DataType type, long elements) =>
            new() { Name = type.ToString(), DataType = (int)type, Dims = { elements } };
        void Add(DataType type, long elements, Action<TensorProto> fill)
        {
            var tensor = Tensor(type, elements);
            fill(tensor);
            model.Graph.Initializer.Add(tensor);
        }
        Add(DataType.Float16, 2, tensor => tensor.Int32Data.Add([15360, 49152]));
        Add(DataType.BFloat16, 1, tensor => tensor.Int32Data.Add(16256));
        Add(DataType.Int4, 3, tensor => tensor.Int32Data.Add([0x21, 0x03]));
        Add(DataType.UInt64, 1, tensor => tensor.Uint64Data.Add(ulong.MaxValue));
        Add(DataType.UInt32, 1, tensor => tensor.Uint64Data.Add(uint.MaxValue));
        Add(DataType.Complex64, 1, tensor => tensor.FloatData.Add([1, 2]));
        Add(DataType.Complex128, 1, tensor => tensor.DoubleData.Add([1, 2]));
        Add(DataType.String, 2, tensor => tensor.StringData.Add([ByteString.CopyFromUtf8("a"), ByteString.Empty]));
        Add(DataType.Bool, 2, tensor => tensor.Int32Data.Add([1, 0]));
        Add(DataType.Int64, 0, _ => { });
        Add(DataType.Float6E2M3, 4, tensor => tensor.RawData = ByteString.CopyFrom(1, 2, 3));
        Add((DataType)99, 4, tensor => tensor.RawData = ByteString.CopyFrom(1, 2, 3));
        return model;
    }

    private static ModelProto ExternalData()
    {
        var model = Relu();
        var segment = Floats("part", 1, 2);
        segment.Dims[0] = 100;
        segment.Segment = new TensorProto.Types.Segment { Begin = 10, End = 12 };
        var external = External("w", [1000, 1000], ("location", "data/w.bin"), ("offset", "4096"), ("checksum", "0"));
        model.Graph.Initializer.Add([external, segment]);
        return model;
    }

    private static ModelProto UnsortedNodes()
    {
        var model = Relu();
        model.Graph.Node.Insert(0, Node("Neg", ["b"], ["c"]));
        model.Graph.Node.Insert(0, Node("Abs", ["y"], ["b"]));
        return model;
    }

    private static ModelProto LeftOut()
    {
        var model = Relu();
        model.Graph.Node.Add(Node("Clip", ["y", "", "y"], ["z"]));
        model.Graph.Node.Add(Node("Dropout", ["y", "", ""], ["", "mask", ""]));
        model.Graph.Node[^1].ClearName();
        return model;
    }

    private static ModelProto OddVersions()
    {
        var model = Relu();
        model.ClearIrVersion();
        model.OpsetImport.Add(
        [
            new OperatorSetIdProto { Domain = "ai.onnx", Version = 14 },
            new OperatorSetIdProto { Domain = "unstated" },
            new OperatorSetIdProto { Version = 13 },
        ]);
        model.Graph.Node[0].Domain = "ai.onnx";
        return model;
    }

    private static ModelProto TrainingAndDevices()
    {
        var model = Relu();
        model.TrainingInfo.Add(new TrainingInfoProto
        {
            Initialization = new GraphProto { Name = "init" },
            Algorithm = new GraphProto { Name = "step", Node = { Node("Relu", ["not read here"], ["q"]) } },
            UpdateBinding = { Entry("w", "q") },
        });
        model.Configuration.Add(new DeviceConfigurationProto { Name = "two", NumDevices = 2, Device = { "a", "b" } });
        model.Graph.Node[0].DeviceConfigurations.Add(
            new NodeDeviceConfigurationProto { ConfigurationId = "two", PipelineStage = 1 });
        return model;
    }
}
