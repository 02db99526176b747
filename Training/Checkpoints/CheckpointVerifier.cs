using Google.FlatBuffers;

namespace OnnxActNN.Training.Checkpoints;

/// <summary>Walks every offset of a checkpoint, so that reading it afterwards stays inside the file.</summary>
internal static class CheckpointVerifier
{
    private const ulong Byte = 1, Int32 = 4, Int64 = 8;

    /// <summary>Tables nest four deep, more are damage; strings end with zero; alignment is the writer's affair.</summary>
    private static Options Limits => new(16, 10_000_000, true, false);

    public static bool IsValid(ByteBuffer buffer)
    {
        try
        {
            return new Verifier(buffer, Limits).VerifyBuffer(CheckpointFields.Identifier, false, Root);
        }
        catch (Exception reason) when (reason is ArgumentException or IndexOutOfRangeException or OverflowException)
        {
            // The library's verifier itself reads out of range on some damaged offsets.
            return false;
        }
    }

    private static bool Root(Verifier verifier, uint table) =>
        verifier.VerifyTableStart(table)
        && Scalar(verifier, table, CheckpointFields.Root.Version, Int32)
        && verifier.VerifyTable(table, Slot(CheckpointFields.Root.ModuleState), ModuleState, false)
        && verifier.VerifyVectorOfTables(table, Slot(CheckpointFields.Root.OptimizerGroups), Group, false)
        && verifier.VerifyTable(table, Slot(CheckpointFields.Root.PropertyBag), Bag, false)
        && verifier.VerifyTableEnd(table);

    private static bool ModuleState(Verifier verifier, uint table) =>
        verifier.VerifyTableStart(table)
        && verifier.VerifyVectorOfTables(table, Slot(CheckpointFields.ModuleState.Trained), Tensor, false)
        && verifier.VerifyVectorOfTables(table, Slot(CheckpointFields.ModuleState.Frozen), Tensor, false)
        && Scalar(verifier, table, CheckpointFields.ModuleState.IsNominal, Byte)
        && Scalar(verifier, table, CheckpointFields.ModuleState.HasExternalData, Byte)
        && verifier.VerifyTableEnd(table);

    private static bool Group(Verifier verifier, uint table) =>
        verifier.VerifyTableStart(table)
        && verifier.VerifyString(table, Slot(CheckpointFields.Group.Name), false)
        && Scalar(verifier, table, CheckpointFields.Group.Step, Int64)
        && Scalar(verifier, table, CheckpointFields.Group.InitialLearningRate, Int32)
        && verifier.VerifyVectorOfTables(table, Slot(CheckpointFields.Group.States), State, false)
        && verifier.VerifyTableEnd(table);

    private static bool State(Verifier verifier, uint table) =>
        verifier.VerifyTableStart(table)
        && verifier.VerifyString(table, Slot(CheckpointFields.State.ParameterName), false)
        && verifier.VerifyVectorOfTables(table, Slot(CheckpointFields.State.Momentums), Tensor, false)
        && verifier.VerifyTableEnd(table);

    private static bool Bag(Verifier verifier, uint table) =>
        verifier.VerifyTableStart(table)
        && verifier.VerifyVectorOfTables(table, Slot(CheckpointFields.Bag.Integers), Number(Int64), false)
        && verifier.VerifyVectorOfTables(table, Slot(CheckpointFields.Bag.Floats), Number(Int32), false)
        && verifier.VerifyVectorOfTables(table, Slot(CheckpointFields.Bag.Strings), Text, false)
        && verifier.VerifyTableEnd(table);

    private static VerifyTableAction Number(ulong size) => (verifier, table) =>
        verifier.VerifyTableStart(table)
        && verifier.VerifyString(table, Slot(CheckpointFields.Property.Name), false)
        && Scalar(verifier, table, CheckpointFields.Property.Value, size)
        && verifier.VerifyTableEnd(table);

    private static bool Text(Verifier verifier, uint table) =>
        verifier.VerifyTableStart(table)
        && verifier.VerifyString(table, Slot(CheckpointFields.Property.Name), false)
        && verifier.VerifyString(table, Slot(CheckpointFields.Property.Value), false)
        && verifier.VerifyTableEnd(table);

    private static bool Tensor(Verifier verifier, uint table) =>
        verifier.VerifyTableStart(table)
        && verifier.VerifyString(table, Slot(CheckpointFields.Tensor.Name), false)
        && verifier.VerifyString(table, Slot(CheckpointFields.Tensor.DocString), false)
        && verifier.VerifyVectorOfData(table, Slot(CheckpointFields.Tensor.Dimensions), Int64, false)
        && Scalar(verifier, table, CheckpointFields.Tensor.DataType, Int32)
        && verifier.VerifyVectorOfData(table, Slot(CheckpointFields.Tensor.RawData), Byte, false)
        && verifier.VerifyVectorOfStrings(table, Slot(CheckpointFields.Tensor.StringData), false)
        && Scalar(verifier, table, CheckpointFields.Tensor.ExternalOffset, Int64)
        && verifier.VerifyTableEnd(table);

    private static bool Scalar(Verifier verifier, uint table, int field, ulong size) =>
        verifier.VerifyField(table, Slot(field), size, size, false);

    private static short Slot(int field) => CheckpointFields.Slot(field);
}
