using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Training.Measurement;

/// <summary>Gives every node a name of its own, by which a profile's kernels are found again.</summary>
internal static class NodeNames
{
    public static void MakeUnique(Graph graph)
    {
        var taken = new HashSet<string>();
        foreach (var node in graph.Nodes)
        {
            var stem = node.Name.Length > 0 ? node.Name : node.Operator.Type;
            var name = node.Name;
            for (var number = 1; name.Length == 0 || !taken.Add(name); number++) name = $"{stem}#{number}";
            node.Name = name;
        }
    }
}
