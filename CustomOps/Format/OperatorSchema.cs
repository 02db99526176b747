namespace OnnxActNN.Format;

/// <summary>Names, inputs, outputs and attributes of the operators, as they stand in ONNX files.</summary>
public static class OperatorSchema
{
    /// <summary>Operator domain.</summary>
    public const string Domain = "ai.onnxactnn";

    /// <summary>Version of the operator set.</summary>
    public const int Version = 1;

    /// <summary>X → packed, shape, passthrough: packs a tensor and hands it on.</summary>
    public static class QuantizePack
    {
        /// <summary>Operator type.</summary>
        public const string Name = "QuantizePack";

        /// <summary>Inputs, in order.</summary>
        public static IReadOnlyList<string> Inputs { get; } = ["X"];

        /// <summary>
        /// Outputs, in order: uint8[n] of <see cref="PackedLayout.TotalBytes"/>, uint8[dims(X)..., 0], and X itself.
        /// </summary>
        public static IReadOnlyList<string> Outputs { get; } = ["packed", "shape", "passthrough"];
    }

    /// <summary>packed, shape, trigger → Y: decodes late, when its consumer's gradient is there.</summary>
    public static class UnpackDequant
    {
        /// <summary>Operator type.</summary>
        public const string Name = "UnpackDequant";

        /// <summary>Inputs, in order; trigger is never read, it orders the node and has the type of Y.</summary>
        public static IReadOnlyList<string> Inputs { get; } = ["packed", "shape", "trigger"];

        /// <summary>Outputs, in order.</summary>
        public static IReadOnlyList<string> Outputs { get; } = ["Y"];
    }

    /// <summary>X → shape, passthrough: keeps the dimensions of a tensor and none of its bytes.</summary>
    public static class ShapeCarrier
    {
        /// <summary>Operator type.</summary>
        public const string Name = "ShapeCarrier";

        /// <summary>Inputs, in order.</summary>
        public static IReadOnlyList<string> Inputs { get; } = ["X"];

        /// <summary>Outputs, in order.</summary>
        public static IReadOnlyList<string> Outputs { get; } = ["shape", "passthrough"];
    }

    /// <summary>X → passthrough: hands a tensor on and measures it into a profile.</summary>
    public static class ActProfile
    {
        /// <summary>Operator type.</summary>
        public const string Name = "ActProfile";

        /// <summary>Inputs, in order.</summary>
        public static IReadOnlyList<string> Inputs { get; } = ["X"];

        /// <summary>Outputs, in order.</summary>
        public static IReadOnlyList<string> Outputs { get; } = ["passthrough"];
    }
}
