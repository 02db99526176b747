using Microsoft.ML.OnnxRuntime;
using OnnxActNN.Training.Runtime;

namespace OnnxActNN.Testing;

/// <summary>One forward and backward pass of a lowered graph, whose gradients are outputs.</summary>
internal static class LoweredStep
{
    /// <summary>Loss and gradients at an entry's parameters and inputs.</summary>
    /// <param name="zoo">The entry that the graph was lowered from.</param>
    /// <param name="model">The lowered graph.</param>
    /// <param name="settings">How the session is opened.</param>
    public static (float Loss, IReadOnlyDictionary<string, float[]> Gradients) Run(
        ZooGraph zoo, byte[] model, SessionSettings settings) => Draw(zoo, model, settings, runs: 1).Single();

    /// <summary>The same of several runs of one session, each with noise of its own.</summary>
    /// <inheritdoc cref="Run" path="/param"/>
    /// <param name="runs">How many.</param>
    public static IReadOnlyList<(float Loss, IReadOnlyDictionary<string, float[]> Gradients)> Draw(
        ZooGraph zoo, byte[] model, SessionSettings settings, int runs)
    {
        using var run = new GraphRun(model, settings);
        using var feeds = zoo.Feeds(step: 0);
        var inputs = new Dictionary<string, OrtValue>(feeds.Values);
        var parameters = zoo.Parameters().Parameters.Where(tensor => run.InputNames.Contains(tensor.Name))
            .ToDictionary(
                tensor => tensor.Name,
                tensor => OrtValue.CreateTensorValueFromMemory(tensor.AsFloats().ToArray(), [.. tensor.Dimensions]));
        foreach (var (name, value) in parameters) inputs[name] = value;
        var names = zoo.Signature.Trained.Select(parameter => parameter.Name).ToList();
        var draws = Enumerable.Range(0, runs).Select(_ => Once(run, inputs, zoo.Signature.LossOutput, names)).ToList();
        foreach (var value in parameters.Values) value.Dispose();
        return draws;
    }

    private static (float Loss, IReadOnlyDictionary<string, float[]> Gradients) Once(
        GraphRun run, Dictionary<string, OrtValue> inputs, string loss, IReadOnlyList<string> names)
    {
        using var outputs = run.Run(inputs, [loss, .. names.Select(name => $"{name}_grad")]);
        var gradients = names.Select(
            (name, index) => (name, outputs[index + 1].GetTensorDataAsSpan<float>().ToArray()));
        return (outputs[0].GetTensorDataAsSpan<float>()[0],
            gradients.ToDictionary(pair => pair.name, pair => pair.Item2));
    }
}
