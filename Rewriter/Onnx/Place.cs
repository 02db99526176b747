using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Onnx;

/// <summary>
/// Where in a file something stands. Becomes text only when a message needs it: most files have nothing to tell.
/// </summary>
/// <param name="Graph">File and graph.</param>
/// <param name="Node">The node, where it is within one.</param>
/// <param name="Kind">What it is ("attribute", "initializer"), where that is known.</param>
/// <param name="Name">Its name.</param>
internal readonly record struct Place(string Graph, Node? Node = null, string? Kind = null, string? Name = null)
{
    public override string ToString()
    {
        var place = Node is null ? Graph : $"{Graph}, {Node}";
        return Kind is null ? place : $"{place}, {Kind} '{Name}'";
    }
}
