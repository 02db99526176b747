using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Training.Feeds;

/// <summary>An input as an entry file describes it.</summary>
/// <param name="Name">Name of the graph's input.</param>
/// <param name="Formula"><c>float</c>, <c>label</c>, <c>token</c> or <c>mask</c>.</param>
/// <param name="Modulus">Number of classes or tokens; 0 for the other formulas.</param>
/// <param name="ExampleSizes">The sizes that the entry's recorded losses belong to.</param>
/// <param name="Shape">The shape in the entry's own names; null where it has none.</param>
internal sealed record ZooInput(string Name, string Formula, long Modulus, long[] ExampleSizes, Shape? Shape);
