namespace OnnxActNN.Rewriter.IR;

/// <summary>
/// A named value of a graph: what a node writes, a graph input, or an initializer. Knows who writes and who reads it;
/// the lists are kept by <see cref="Node"/> and <see cref="Graph"/>, never by hand.
/// </summary>
internal sealed class Value : GraphItem
{
    // No list of its own: nearly every look at a value asks how many read it, and a walk waits for memory above all.
    private Use[] _uses = [];
    private int _useCount;

    internal Value(string name, int number) => (Name, Number) = (name, number);

    public string Name { get; }

    /// <summary>The node that writes this value; null for graph inputs and initializers.</summary>
    public Node? Producer { get; internal set; }

    /// <summary>Which output of <see cref="Producer"/> this is.</summary>
    public int OutputIndex { get; internal set; }

    /// <summary>Who reads this value, in the order the readers were attached; readers inside subgraphs count.</summary>
    public UseList Uses => new(_uses, _useCount);

    public bool IsGraphInput { get; internal set; }

    public bool IsGraphOutput { get; internal set; }

    /// <summary>The constant this value is, or starts as; null for values that nodes compute.</summary>
    public TensorData? Initializer { get; internal set; }

    /// <summary>
    /// Type and shape as declared in the file or set by a pass; null where the file is silent or it is no tensor.
    /// </summary>
    public TensorType? Declared { get; set; }

    /// <summary>The declaration as the file has it (also of types that are no tensors).</summary>
    public Preserved? Source { get; init; }

    /// <summary>A constant that no caller can replace.</summary>
    public bool IsConstant => Initializer is not null && !IsGraphInput;

    public override string ToString() => Name;

    internal void Attach(Use use)
    {
        if (_useCount == _uses.Length) Array.Resize(ref _uses, Math.Max(2, 2 * _useCount)); // Few have more readers.
        _uses[_useCount++] = use;
    }

    internal void Detach(Use use)
    {
        var at = Array.LastIndexOf(_uses, use, _useCount - 1);
        Array.Copy(_uses, at + 1, _uses, at, --_useCount - at);
        _uses[_useCount] = default;
    }
}
