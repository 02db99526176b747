using System.Text.Json;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx;

namespace OnnxActNN.TestModels;

/// <summary>Test models as files, with the description that zoos of training graphs keep beside each graph.</summary>
internal static class TestModelFiles
{
    /// <summary>Name of the graph's file.</summary>
    public const string Graph = "training_model.onnx";

    /// <summary>Name of the description: inputs with their formulas, loss, parameters.</summary>
    public const string Entry = "entry.json";

    /// <summary>Name of the evaluation graph's file.</summary>
    public const string Evaluation = "eval_model.onnx";

    /// <summary>Writes the evaluation graph into a folder.</summary>
    public static void WriteEvaluation(TestModel model, string folder) =>
        ModelWriter.WriteFile(model.BuildForward(), Path.Combine(folder, Evaluation));

    /// <summary>Writes graph and description into a folder.</summary>
    /// <param name="model">The model.</param>
    /// <param name="folder">An existing folder.</param>
    /// <param name="batch">The batch size that the description proposes.</param>
    public static void Write(TestModel model, string folder, long batch)
    {
        ModelWriter.WriteFile(model.Build(), Path.Combine(folder, Graph));
        using var stream = File.Create(Path.Combine(folder, Entry));
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteString("name", model.Name);
        json.WriteString("loss_output", model.LossOutput);
        json.WriteBoolean("runs", model.Runtime != TestRuntime.None);
        json.WriteBoolean("dropout", false);
        json.WriteStartObject("symbolic_dims_in_the_example");
        json.WriteNumber(TestModel.BatchDimension, batch);
        json.WriteEndObject();
        json.WriteStartArray("inputs");
        foreach (var input in model.Inputs) WriteInput(json, input, batch);
        json.WriteEndArray();
        json.WriteStartArray("parameters");
        foreach (var parameter in model.Parameters) WriteParameter(json, parameter);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteInput(Utf8JsonWriter json, TestInput input, long batch)
    {
        json.WriteStartObject();
        json.WriteString("name", input.Name);
        json.WriteString("dtype", input.Type.ElementType.DisplayName());
        WriteSizes(json, "example_shape", input.SizesAt(batch));
        json.WriteString("formula", input.IsLabel ? "label" : "float");
        if (input.IsLabel) json.WriteNumber("mod", input.Classes);
        json.WriteEndObject();
    }

    private static void WriteParameter(Utf8JsonWriter json, TestParameter parameter)
    {
        json.WriteStartObject();
        json.WriteString("name", parameter.Name);
        WriteSizes(json, "shape", parameter.Sizes);
        json.WriteBoolean("trainable", true);
        json.WriteEndObject();
    }

    private static void WriteSizes(Utf8JsonWriter json, string name, IEnumerable<long> sizes)
    {
        json.WriteStartArray(name);
        foreach (var size in sizes) json.WriteNumberValue(size);
        json.WriteEndArray();
    }
}
