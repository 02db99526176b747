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
        ZooGraph zoo, byte[] model, SessionSettings settings)
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
        using var outputs = run.Run(inputs, [zoo.Signature.LossOutput, .. names.Select(name => $"{name}_grad")]);
        foreach (var value in parameters.Values) value.Dispose();
        var gradients = names
            .Select((name, index) => (name, outputs[index + 1].GetTensorDataAsSpan<float>().ToArray()));
        var loss = outputs[0].GetTensorDataAsSpan<float>()[0];
        return (loss, gradients.ToDictionary(pair => pair.name, pair => pair.Item2));
    }
}
