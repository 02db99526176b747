using Google.FlatBuffers;

namespace OnnxActNN.Training.Checkpoints;

/// <summary>
/// Builds the FlatBuffers content of a checkpoint, back to front as FlatBuffers wants it: children before parents.
/// </summary>
internal sealed class CheckpointBuilder
{
    private readonly FlatBufferBuilder _builder;
    private readonly IReadOnlyDictionary<CheckpointTensor, long>? _offsets;

    private CheckpointBuilder(int initialSize, IReadOnlyDictionary<CheckpointTensor, long>? offsets)
    {
        _builder = new FlatBufferBuilder(initialSize);
        _offsets = offsets;
    }

    /// <summary>The file's content.</summary>
    /// <param name="checkpoint">What to write.</param>
    /// <param name="offsets">Where each tensor's data stand in the data file; null to keep them inside.</param>
    public static ArraySegment<byte> Build(Checkpoint checkpoint, IReadOnlyDictionary<CheckpointTensor, long>? offsets)
    {
        const int Overhead = 1 << 16;
        var inline = offsets is null ? checkpoint.Parameters.Sum(tensor => tensor.Data.Length + 256L) : 0;
        var builder = new CheckpointBuilder((int)Math.Min(inline + Overhead, CheckpointWriter.InlineLimit), offsets);
        builder.WriteRoot(checkpoint);
        var buffer = builder._builder.DataBuffer;
        return buffer.ToArraySegment(buffer.Position, buffer.Length - buffer.Position);
    }

    private void WriteRoot(Checkpoint checkpoint)
    {
        var bag = WriteProperties(checkpoint.Properties);
        var groups = WriteTables([.. checkpoint.OptimizerGroups.Select(WriteGroup)]);
        var state = WriteModuleState(checkpoint);
        _builder.StartTable(CheckpointFields.Root.Count);
        _builder.AddInt(CheckpointFields.Root.Version, checkpoint.Version, 0);
        _builder.AddOffset(CheckpointFields.Root.ModuleState, state, 0);
        _builder.AddOffset(CheckpointFields.Root.OptimizerGroups, groups, 0);
        _builder.AddOffset(CheckpointFields.Root.PropertyBag, bag, 0);
        _builder.Finish(_builder.EndTable(), CheckpointFields.Identifier);
    }

    private int WriteModuleState(Checkpoint checkpoint)
    {
        // ONNX Runtime refuses a file without these two, even where they are empty.
        var trained = WriteTables([.. checkpoint.Trained.Select(WriteTensor)], evenEmpty: true);
        var frozen = WriteTables([.. checkpoint.Frozen.Select(WriteTensor)], evenEmpty: true);
        _builder.StartTable(CheckpointFields.ModuleState.Count);
        _builder.AddOffset(CheckpointFields.ModuleState.Trained, trained, 0);
        _builder.AddOffset(CheckpointFields.ModuleState.Frozen, frozen, 0);
        _builder.AddBool(CheckpointFields.ModuleState.IsNominal, checkpoint.IsNominal, false);
        _builder.AddBool(CheckpointFields.ModuleState.HasExternalData, _offsets is not null, false);
        return _builder.EndTable();
    }

    private int WriteTensor(CheckpointTensor tensor)
    {
        var name = _builder.CreateString(tensor.Name).Value;
        var doc = tensor.DocString is null ? 0 : _builder.CreateString(tensor.DocString).Value;
        var dimensions = WriteVector<long>([.. tensor.Dimensions]);
        var offset = _offsets?.GetValueOrDefault(tensor, -1) ?? -1;
        var data = offset >= 0 || tensor.Data.IsEmpty ? 0 : WriteVector(tensor.Data.Span);
        _builder.StartTable(CheckpointFields.Tensor.Count);
        _builder.AddOffset(CheckpointFields.Tensor.Name, name, 0);
        _builder.AddOffset(CheckpointFields.Tensor.DocString, doc, 0);
        _builder.AddOffset(CheckpointFields.Tensor.Dimensions, dimensions, 0);
        _builder.AddInt(CheckpointFields.Tensor.DataType, (int)tensor.ElementType, 0);
        _builder.AddOffset(CheckpointFields.Tensor.RawData, data, 0);
        _builder.AddLong(CheckpointFields.Tensor.ExternalOffset, offset, -1);
        return _builder.EndTable();
    }

    private int WriteGroup(OptimizerGroup group)
    {
        var name = _builder.CreateString(group.Name).Value;
        var states = WriteTables([.. group.States.Select(WriteState)]);
        _builder.StartTable(CheckpointFields.Group.Count);
        _builder.AddOffset(CheckpointFields.Group.Name, name, 0);
        _builder.AddLong(CheckpointFields.Group.Step, group.Step, 0);
        _builder.AddFloat(CheckpointFields.Group.InitialLearningRate, group.InitialLearningRate, 0);
        _builder.AddOffset(CheckpointFields.Group.States, states, 0);
        return _builder.EndTable();
    }

    private int WriteState(ParameterOptimizerState state)
    {
        var name = _builder.CreateString(state.ParameterName).Value;
        var momentums = WriteTables([.. state.Momentums.Select(WriteTensor)]);
        _builder.StartTable(CheckpointFields.State.Count);
        _builder.AddOffset(CheckpointFields.State.ParameterName, name, 0);
        _builder.AddOffset(CheckpointFields.State.Momentums, momentums, 0);
        return _builder.EndTable();
    }

    private int WriteProperties(PropertyBag properties)
    {
        if (properties.IsEmpty) return 0;
        var integers = WriteTables([.. properties.Integers.Select(item =>
            WriteProperty(item.Key, () => _builder.AddLong(CheckpointFields.Property.Value, item.Value, 0)))]);
        var floats = WriteTables([.. properties.Floats.Select(item =>
            WriteProperty(item.Key, () => _builder.AddFloat(CheckpointFields.Property.Value, item.Value, 0)))]);
        var strings = WriteTables([.. properties.Strings.Select(item =>
        {
            var text = _builder.CreateString(item.Value).Value;
            return WriteProperty(item.Key, () => _builder.AddOffset(CheckpointFields.Property.Value, text, 0));
        })]);
        _builder.StartTable(CheckpointFields.Bag.Count);
        _builder.AddOffset(CheckpointFields.Bag.Integers, integers, 0);
        _builder.AddOffset(CheckpointFields.Bag.Floats, floats, 0);
        _builder.AddOffset(CheckpointFields.Bag.Strings, strings, 0);
        return _builder.EndTable();
    }

    private int WriteProperty(string key, Action addValue)
    {
        var name = _builder.CreateString(key).Value;
        _builder.StartTable(CheckpointFields.Property.Count);
        _builder.AddOffset(CheckpointFields.Property.Name, name, 0);
        addValue();
        return _builder.EndTable();
    }

    /// <summary>A vector of tables that are written already.</summary>
    private int WriteTables(int[] tables, bool evenEmpty = false)
    {
        if (tables.Length == 0 && !evenEmpty) return 0;
        _builder.StartVector(sizeof(int), tables.Length, sizeof(int));
        for (var index = tables.Length - 1; index >= 0; index--) _builder.AddOffset(tables[index]);
        return _builder.EndVector().Value;
    }

    private unsafe int WriteVector<T>(ReadOnlySpan<T> values)
        where T : unmanaged
    {
        // Raw data are aligned to 8 bytes, so that a reader may use them in place whatever their type.
        _builder.StartVector(sizeof(T), values.Length, sizeof(long));
        fixed (T* start = values) _builder.Add<T>((nint)start, values.Length * sizeof(T));
        return _builder.EndVector().Value;
    }
}
