namespace OnnxActNN.Rewriter.IR;

/// <summary>The only code that rewires a graph. Passes say what they want in these words.</summary>
internal static class GraphEditor
{
    /// <summary>A node behind all others of a graph.</summary>
    public static Node Add(
        Graph graph, OperatorId op, string name, IEnumerable<Value?> inputs, IEnumerable<Value?> outputs)
    {
        var node = Create(op, name, inputs, outputs);
        graph.Nodes.Add(node);
        return node;
    }

    /// <summary>A node right before another one.</summary>
    public static Node InsertBefore(
        Node place, OperatorId op, string name, IEnumerable<Value?> inputs, IEnumerable<Value?> outputs)
    {
        var node = Create(op, name, inputs, outputs);
        GraphOf(place).Nodes.InsertBefore(place, node);
        return node;
    }

    /// <summary>A node right behind another one.</summary>
    public static Node InsertAfter(
        Node place, OperatorId op, string name, IEnumerable<Value?> inputs, IEnumerable<Value?> outputs)
    {
        var node = Create(op, name, inputs, outputs);
        GraphOf(place).Nodes.InsertAfter(place, node);
        return node;
    }

    /// <summary>
    /// Lets the chosen readers of <paramref name="from"/> read <paramref name="to"/>; tells how many there were.
    /// </summary>
    public static int ReplaceUses(Value from, Value to, Func<Use, bool> which)
    {
        if (from == to) return from.Uses.Count(which);
        var count = 0;
        for (var at = 0; at < from.Uses.Count;)
        {
            var use = from.Uses[at];
            if (!which(use))
            {
                at++;
                continue;
            }
            use.Node.SetInput(use.Input, to); // It leaves the list, and the next one takes its place.
            count++;
        }
        return count;
    }

    /// <summary>Removes the node if nobody reads its results and none leaves the graph; tells whether it went.</summary>
    public static bool TryRemove(Node node)
    {
        foreach (var result in node.Results)
        {
            if (result.Uses.Count > 0 || result.IsGraphOutput) return false;
        }
        Remove(node);
        return true;
    }

    /// <summary>Removes the node and, where nobody else knows them, the values it wrote.</summary>
    public static void Remove(Node node)
    {
        var graph = GraphOf(node);
        graph.Nodes.Remove(node);
        for (var index = 0; index < node.Outputs.Count; index++)
        {
            if (node.Outputs[index] is not { } output) continue;
            node.SetOutput(index, null);
            if (!output.IsGraphOutput) graph.RemoveValue(output);
        }
    }

    private static Node Create(
        OperatorId op, string name, IEnumerable<Value?> inputs, IEnumerable<Value?> outputs)
    {
        var node = new Node(op, name);
        node.AddInputs(inputs as Value?[] ?? [.. inputs]);
        node.AddOutputs(outputs as Value?[] ?? [.. outputs]);
        return node;
    }

    private static Graph GraphOf(Node node) =>
        node.Graph ?? throw new InvalidOperationException($"{node} is in no graph.");
}
