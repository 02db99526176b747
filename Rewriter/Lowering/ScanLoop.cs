using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Lowering;

/// <summary>Writes a Scan: a body that runs for each slice of its inputs along axis 0 and hands states on.</summary>
internal static class ScanLoop
{
    /// <param name="writer">Where the Scan is written.</param>
    /// <param name="states">The states before the first step.</param>
    /// <param name="slices">The inputs that are taken slice by slice.</param>
    /// <param name="isReverse">Whether it runs from the last slice to the first; results keep the inputs'
    /// order.</param>
    /// <param name="step">Takes states and slices; returns the new states, then the results of the step.</param>
    /// <returns>The last states, then the results of all steps, along axis 0.</returns>
    public static Term[] Write(
        NodeWriter writer, Term[] states, Term[] slices, bool isReverse, Func<Term[], Term[], Term[]> step)
    {
        var (body, inner) = writer.StartBody("step");
        var results = step(
            Array.ConvertAll(states, _ => inner.AddInput("state")),
            Array.ConvertAll(slices, _ => inner.AddInput("slice")));
        foreach (var result in results)
        {
            result.Value.Declared = new TensorType(writer.ElementType, null);
            body.AddOutput(result.Value);
        }
        return writer.WriteMany(
            "Scan", [.. states.Concat(slices).Select(term => (Term?)term)], results.Length, attributes =>
        {
            attributes.Set("body", new AttributeValue.Subgraph(body));
            attributes.Set("num_scan_inputs", slices.Length);
            if (!isReverse) return;
            attributes.Set("scan_input_directions", new AttributeValue.Ints([.. Enumerable.Repeat(1L, slices.Length)]));
            attributes.Set(
                "scan_output_directions",
                new AttributeValue.Ints([.. Enumerable.Repeat(1L, results.Length - states.Length)]));
        });
    }
}
