using Microsoft.ML.OnnxRuntime;
using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.EndToEnd.Tests.Lowering;

/// <summary>An input of an <see cref="OperatorCase"/>: float32, int64 or bool, from outside or a constant.</summary>
internal sealed class CaseTensor
{
    private readonly long[] _sizes;
    private readonly Array _elements;

    private CaseTensor(long[] sizes, Array elements) => (_sizes, _elements) = (sizes, elements);

    public bool IsConstant { get; private init; }

    /// <summary>
    /// Sizes of named dimensions in the model, where it is not to know them; the run uses <see cref="_sizes"/>.
    /// </summary>
    public Shape? Declared { get; private init; }

    private DataType Type => _elements switch
    {
        float[] => DataType.Float,
        bool[] => DataType.Bool,
        _ => DataType.Int64,
    };

    public static CaseTensor Floats(long[] sizes, Func<int, double> element) =>
        new(sizes, Array.ConvertAll(Numbers(sizes), index => (float)element(index)));

    /// <summary>Uniform in [−1, 1), the same at every run.</summary>
    public static CaseTensor Uniform(int seed, params long[] sizes)
    {
        var random = new Random(seed);
        return Floats(sizes, _ => 2 * random.NextDouble() - 1);
    }

    public static CaseTensor Integers(long[] sizes, Func<int, long> element) =>
        new(sizes, Array.ConvertAll(Numbers(sizes), index => element(index)));

    public static CaseTensor Bools(long[] sizes, Func<int, bool> element) =>
        new(sizes, Array.ConvertAll(Numbers(sizes), index => element(index)));

    /// <summary>An int64 vector that the model holds.</summary>
    public static CaseTensor Constant(params long[] elements) => new([elements.Length], elements) { IsConstant = true };

    /// <summary>The same, without the model knowing its first size.</summary>
    public CaseTensor OfAnyBatch() => new(_sizes, _elements)
    {
        Declared = Shape.Of(_sizes).With(0, Dimension.Named("batch")),
    };

    /// <summary>The same, held by the model.</summary>
    public CaseTensor AsConstant() => new(_sizes, _elements) { IsConstant = true };

    public Value AddTo(Graph graph, string name)
    {
        var value = graph.AddValue(name, new TensorType(Type, Declared ?? Shape.Of(_sizes)));
        if (IsConstant) graph.AddInitializer(value, Data());
        else graph.AddInput(value);
        return value;
    }

    public OrtValue ToOrtValue() => _elements switch
    {
        float[] floats => OrtValue.CreateTensorValueFromMemory(floats, _sizes),
        bool[] bools => OrtValue.CreateTensorValueFromMemory(bools, _sizes),
        var integers => OrtValue.CreateTensorValueFromMemory((long[])integers, _sizes),
    };

    /// <summary>The elements of a float tensor.</summary>
    public double[] Doubles() => Array.ConvertAll((float[])_elements, x => (double)x);

    private DenseTensorData Data() => _elements switch
    {
        float[] floats => DenseTensorData.Floats(_sizes, floats),
        long[] integers => DenseTensorData.Integers(_sizes, integers),
        _ => throw new NotSupportedException("no constants of bool"),
    };

    private static int[] Numbers(long[] sizes) =>
        [.. Enumerable.Range(0, (int)sizes.Aggregate(1L, (product, size) => product * size))];
}
