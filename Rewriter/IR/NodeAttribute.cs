namespace OnnxActNN.Rewriter.IR;

/// <summary>A named attribute. Immutable: a pass replaces it.</summary>
internal sealed class NodeAttribute(string name, AttributeValue value, Preserved? source = null)
{
    public string Name { get; } = name;

    public AttributeValue Value { get; } = value;

    /// <summary>The attribute as the file has it; written back as it is. Null for attributes made by a pass.</summary>
    public Preserved? Source { get; } = source;
}
