using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx;

namespace OnnxActNN.Training.Runtime;

/// <summary>
/// Artifacts with a file for each graph that the managed training session insists on; those missing are made, and
/// deleted in the end.
/// </summary>
/// <remarks>
/// The managed layer offers no session with options and without an evaluation graph, though the native library does. A
/// graph of one Identity node stands in, which no step runs.
/// </remarks>
internal sealed class CompletedArtifacts : IDisposable
{
    private const long Opset = 15;
    private const long IrVersion = 8;
    private readonly TemporaryFolder _folder = new();

    public CompletedArtifacts(TrainingArtifacts artifacts)
    {
        HasEvalModel = artifacts.EvalModel is not null;
        EvalModel = artifacts.EvalModel ?? Write("eval_model.onnx", Placeholder());
        OptimizerModel = artifacts.OptimizerModel ?? Write("optimizer_model.onnx", OptimizerGraph.AdamW());
    }

    /// <summary>Whether the evaluation graph is the artifacts' own.</summary>
    public bool HasEvalModel { get; }

    public string EvalModel { get; }

    public string OptimizerModel { get; }

    public void Dispose() => _folder.Dispose();

    private static Model Placeholder()
    {
        var graph = new Graph("placeholder");
        var type = new TensorType(DataType.Float, Shape.Of(1));
        var (input, output) = (graph.AddValue("nothing", type), graph.AddValue("still_nothing", type));
        var node = new Node(OperatorId.Onnx("Identity"), "Nothing");
        node.AddInputs(input);
        node.AddOutputs(output);
        graph.AddInput(input);
        graph.AddOutput(output);
        graph.Nodes.Add(node);
        return new Model(graph) { IrVersion = IrVersion, OpsetImports = { [""] = Opset } };
    }

    private string Write(string name, Model model)
    {
        var path = _folder.PathOf(name);
        ModelWriter.WriteFile(model, path);
        return path;
    }
}
