using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.TestModels;

/// <summary>An input that the caller feeds, with a formula that gives its values in any language.</summary>
/// <param name="Name">Name of the graph's input.</param>
/// <param name="Type">Element type and shape; the batch is a named dimension.</param>
/// <param name="Position">Position among the caller's inputs.</param>
/// <param name="Classes">Number of classes for labels; 0 for real numbers.</param>
internal sealed record TestInput(string Name, TensorType Type, int Position, long Classes)
{
    /// <summary>Whether the values are class labels (int64); otherwise they are real numbers (float32).</summary>
    public bool IsLabel => Classes > 0;

    /// <summary>
    /// The value of one element: <c>(7i + 3·step) mod classes</c>, or <c>sin(0.37i + step + 2·position)</c>.
    /// </summary>
    /// <param name="index">Index of the element, row-major.</param>
    /// <param name="step">Step of training, from 0.</param>
    public double ValueAt(long index, int step) =>
        IsLabel ? (7 * index + 3L * step) % Classes : Math.Sin(0.37 * index + step + 2 * Position);

    /// <summary>All values of an input of real numbers at one step.</summary>
    public float[] Floats(long batch, int step) => Values(batch, step, value => (float)value);

    /// <summary>All values of an input of labels at one step.</summary>
    public long[] Labels(long batch, int step) => Values(batch, step, value => (long)value);

    /// <summary>The sizes at a batch size.</summary>
    public long[] SizesAt(long batch) =>
        Type.Shape!.Evaluate(new Dictionary<string, long> { [TestModel.BatchDimension] = batch })!;

    private T[] Values<T>(long batch, int step, Func<double, T> convert)
    {
        var values = new T[SizesAt(batch).Aggregate(1L, (product, size) => product * size)];
        for (var index = 0; index < values.Length; index++) values[index] = convert(ValueAt(index, step));
        return values;
    }
}
