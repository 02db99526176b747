using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.TestModels.Building;

/// <summary>Attributes in few words.</summary>
internal static class Attributes
{
    public static NodeAttribute Int(string name, long value) => new(name, new AttributeValue.Int(value));

    public static NodeAttribute Float(string name, float value) => new(name, new AttributeValue.Float(value));

    public static NodeAttribute Text(string name, string value) => new(name, new AttributeValue.Bytes(value));

    public static NodeAttribute Ints(string name, params long[] values) => new(name, new AttributeValue.Ints(values));
}
