namespace OnnxActNN.Training.Checkpoints;

/// <summary>
/// The tables of the checkpoint's FlatBuffers schema (ort_training_checkpoint.fbs and ort.fbs of ONNX Runtime): for
/// each table its fields, numbered in order.
/// </summary>
internal static class CheckpointFields
{
    /// <summary>Marks the file, after the root's offset.</summary>
    public const string Identifier = "ODTC";

    /// <summary>Offset of a field within its table's vtable.</summary>
    public static int Slot(int field) => 4 + 2 * field;

    internal static class Root
    {
        public const int Version = 0, ModuleState = 1, OptimizerGroups = 2, PropertyBag = 3, Count = 4;
    }

    internal static class ModuleState
    {
        public const int Trained = 0, Frozen = 1, IsNominal = 2, HasExternalData = 3, Count = 4;
    }

    internal static class Group
    {
        public const int Name = 0, Step = 1, InitialLearningRate = 2, States = 3, Count = 4;
    }

    internal static class State
    {
        public const int ParameterName = 0, Momentums = 1, Count = 2;
    }

    internal static class Bag
    {
        public const int Integers = 0, Floats = 1, Strings = 2, Count = 3;
    }

    internal static class Property
    {
        public const int Name = 0, Value = 1, Count = 2;
    }

    internal static class Tensor
    {
        public const int Name =
            0, DocString = 1, Dimensions = 2, DataType = 3, RawData = 4, StringData = 5, ExternalOffset = 6, Count = 7;
    }
}
