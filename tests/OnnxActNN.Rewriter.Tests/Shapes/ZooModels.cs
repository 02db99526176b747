using System.Text.Json;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Testing;
using Xunit;

namespace OnnxActNN.Rewriter.Tests.Shapes;

/// <summary>The real training graphs and the sizes their makers ran them at.</summary>
internal static class ZooModels
{
    /// <summary>Folders such as <c>small/lenet</c>; one row that skips where the zoo is missing.</summary>
    public static TheoryData<string> Names()
    {
        var names = new TheoryData<string>();
        foreach (var size in new[] { "small", "large" })
        {
            if (SharedFolder.TryPathTo("models", "zoo", size) is not { } folder) continue;
            foreach (var path in Directory.GetDirectories(folder).Order(StringComparer.Ordinal))
                names.Add($"{size}/{Path.GetFileName(path)}");
        }
        if (!names.Any()) names.Add("small/lenet");
        return names;
    }

    public static Model Read(string name, string file = "training_model.onnx") =>
        ModelReader.ReadFile(SharedFolder.PathTo("models", "zoo", name, file));

    /// <summary>Sizes of the named dimensions in the example inputs.</summary>
    public static Dictionary<string, long> ExampleSizes(string name)
    {
        using var entry =
            JsonDocument.Parse(File.ReadAllBytes(SharedFolder.PathTo("models", "zoo", name, "entry.json")));
        return entry.RootElement.GetProperty("symbolic_dims_in_the_example").EnumerateObject()
            .ToDictionary(dimension => dimension.Name, dimension => dimension.Value.GetInt64());
    }
}
