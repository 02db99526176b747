using Microsoft.ML.OnnxRuntime.Tensors;

namespace OnnxActNN.Training.Checkpoints;

/// <summary>Reads ONNX Runtime's training checkpoints; the mirror of <see cref="CheckpointWriter"/>.</summary>
/// <remarks>
/// Limits: the file itself, and each single tensor, under 2 GB; larger checkpoints keep their data in a file beside it.
/// </remarks>
public static class CheckpointReader
{
    private const int MaximumRank = 64;

    /// <summary>Reads a checkpoint, with the data beside it (<c>NAME.data</c>) if it says that there is some.</summary>
    /// <exception cref="CheckpointFormatException">The file is no valid checkpoint.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Checkpoint ReadFile(string path)
    {
        if (new FileInfo(path).Length > Array.MaxLength)
            throw new CheckpointFormatException(path, "is over 2 GB, which FlatBuffers cannot hold.");
        return Read(File.ReadAllBytes(path), path, path + CheckpointWriter.ExternalSuffix);
    }

    /// <summary>Reads a checkpoint from memory.</summary>
    /// <param name="bytes">The file's content; the result's tensors refer to it.</param>
    /// <param name="place">What messages call it.</param>
    /// <param name="externalPath">The file with data kept outside, if there is one.</param>
    /// <exception cref="CheckpointFormatException">The bytes are no valid checkpoint.</exception>
    public static Checkpoint Read(byte[] bytes, string place = "checkpoint", string? externalPath = null)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        var root = new FlatFile(bytes, CheckpointFields.Identifier, place).Root;
        var state = root.Child(CheckpointFields.Root.ModuleState)
            ?? throw new CheckpointFormatException(place, "holds no parameters.");
        using var external = OpenExternal(state, place, externalPath);
        var tensors = new TensorReader(place, external);
        var isNominal = state.Bool(CheckpointFields.ModuleState.IsNominal);
        return new Checkpoint
        {
            Version = root.Int32(CheckpointFields.Root.Version),
            Trained = tensors.ReadAll(state.Children(CheckpointFields.ModuleState.Trained), isNominal),
            Frozen = tensors.ReadAll(state.Children(CheckpointFields.ModuleState.Frozen), isNominal),
            IsNominal = isNominal,
            OptimizerGroups =
                [.. root.Children(CheckpointFields.Root.OptimizerGroups).Select(group => ReadGroup(group, tensors))],
            Properties = ReadProperties(root.Child(CheckpointFields.Root.PropertyBag)),
        };
    }

    /// <summary>
    /// Which bytes of the data file beside it a checkpoint uses; null where there is no checkpoint that can be read, or
    /// it uses none.
    /// </summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    internal static (long Start, long End)? FindExternalData(string path)
    {
        if (!File.Exists(path) || new FileInfo(path).Length > Array.MaxLength) return null;
        try
        {
            var root = new FlatFile(File.ReadAllBytes(path), CheckpointFields.Identifier, path).Root;
            var parts = TensorsOf(root)
                .Select(table => (
                    Start: table.Int64(CheckpointFields.Tensor.ExternalOffset, absent: -1), Length: BytesOf(table)))
                .Where(part => part is { Start: >= 0, Length: >= 0 }).ToList();
            return parts.Count == 0
                ? null
                : (parts.Min(part => part.Start), parts.Max(part => part.Start + part.Length));
        }
        catch (CheckpointFormatException)
        {
            return null;
        }
    }

    private static IEnumerable<FlatTable> TensorsOf(FlatTable root)
    {
        if (root.Child(CheckpointFields.Root.ModuleState) is not { } state) return [];
        return state.Children(CheckpointFields.ModuleState.Trained)
            .Concat(state.Children(CheckpointFields.ModuleState.Frozen))
            .Concat(root.Children(CheckpointFields.Root.OptimizerGroups)
                .SelectMany(group => group.Children(CheckpointFields.Group.States))
                .SelectMany(moments => moments.Children(CheckpointFields.State.Momentums)));
    }

    private static long BytesOf(FlatTable tensor) => new CheckpointTensor(
        "", (TensorElementType)tensor.Int32(CheckpointFields.Tensor.DataType),
        tensor.Longs(CheckpointFields.Tensor.Dimensions, MaximumRank) ?? [-1], default).ExpectedBytes();

    private static FileStream? OpenExternal(FlatTable state, string place, string? path)
    {
        if (!state.Bool(CheckpointFields.ModuleState.HasExternalData)) return null;
        return path is not null && File.Exists(path)
            ? File.OpenRead(path)
            : throw new CheckpointFormatException(
                place, $"keeps its data in another file, '{path ?? "?"}', which is missing.");
    }

    private static OptimizerGroup ReadGroup(FlatTable group, TensorReader tensors) => new(
        group.Text(CheckpointFields.Group.Name) ?? "",
        group.Int64(CheckpointFields.Group.Step),
        group.Float(CheckpointFields.Group.InitialLearningRate),
        [.. group.Children(CheckpointFields.Group.States).Select(state => new ParameterOptimizerState(
            state.Text(CheckpointFields.State.ParameterName) ?? "",
            tensors.ReadAll(state.Children(CheckpointFields.State.Momentums), isNominal: false)))]);

    private static PropertyBag ReadProperties(FlatTable? bag)
    {
        var properties = new PropertyBag();
        if (bag is not { } table) return properties;
        foreach (var item in table.Children(CheckpointFields.Bag.Integers))
            properties.Integers[Name(item)] = item.Int64(CheckpointFields.Property.Value);
        foreach (var item in table.Children(CheckpointFields.Bag.Floats))
            properties.Floats[Name(item)] = item.Float(CheckpointFields.Property.Value);
        foreach (var item in table.Children(CheckpointFields.Bag.Strings))
            properties.Strings[Name(item)] = item.Text(CheckpointFields.Property.Value) ?? "";
        return properties;
    }

    private static string Name(FlatTable property) => property.Text(CheckpointFields.Property.Name) ?? "";

    private sealed class TensorReader(string place, FileStream? external)
    {
        public IReadOnlyList<CheckpointTensor> ReadAll(IEnumerable<FlatTable> tables, bool isNominal) =>
            [.. tables.Select(table => Read(table, isNominal))];

        private CheckpointTensor Read(FlatTable table, bool isNominal)
        {
            var name = table.Text(CheckpointFields.Tensor.Name) ?? throw Error("a tensor", "has no name.");
            var tensor = new CheckpointTensor(
                name,
                (TensorElementType)table.Int32(CheckpointFields.Tensor.DataType),
                ReadDimensions(table, name),
                table.Bytes(CheckpointFields.Tensor.RawData))
            {
                DocString = table.Text(CheckpointFields.Tensor.DocString),
            };
            var expected = tensor.ExpectedBytes();
            if (expected < 0)
                throw Error(name,
                    $"has type {(int)tensor.ElementType} and shape [{string.Join(", ", tensor.Dimensions)}], "
                    + "which is not supported.");
            if (isNominal) return tensor;
            var offset = table.Int64(CheckpointFields.Tensor.ExternalOffset, absent: -1);
            if (offset >= 0) tensor = tensor with { Data = ReadExternal(name, offset, expected) };
            return tensor.Data.Length == expected
                ? tensor
                : throw Error(name, $"should have {expected} bytes of data and has {tensor.Data.Length}.");
        }

        private long[] ReadDimensions(FlatTable table, string name)
        {
            var dimensions = table.Longs(CheckpointFields.Tensor.Dimensions, MaximumRank);
            return dimensions ?? throw Error(name, $"has more than {MaximumRank} dimensions.");
        }

        private byte[] ReadExternal(string name, long offset, long length)
        {
            if (external is null) throw Error(name, "keeps its data in another file, but the checkpoint has none.");
            if (length > external.Length || offset > external.Length - length)
                throw Error(name, $"ends beyond the data file, which has {external.Length} bytes.");
            if (length > Array.MaxLength) throw Error(name, "is over 2 GB, which is not supported.");
            var data = GC.AllocateUninitializedArray<byte>((int)length);
            external.Position = offset;
            external.ReadExactly(data);
            return data;
        }

        private CheckpointFormatException Error(string tensor, string problem) =>
            new($"{place}: tensor '{tensor}'", problem);
    }
}
