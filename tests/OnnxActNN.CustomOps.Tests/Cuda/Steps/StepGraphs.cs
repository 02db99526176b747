using OnnxActNN.Rewriter;
using OnnxActNN.Rewriter.Lowering;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Testing;

namespace OnnxActNN.CustomOps.Tests.Cuda.Steps;

/// <summary>A folder with a model of the zoo as gpu-check takes it.</summary>
internal sealed class StepGraphs : IDisposable
{
    private readonly TempFolder _folder = new();

    public StepGraphs(string name)
    {
        var zoo = ZooGraph.Open("small", name);
        Directory.CreateDirectory(Path);
        var packed = ZooGraph.Open("small", name).Model;
        TrainingGraphRewriter.Rewrite(packed, new RewriteOptions { Runtime = TargetRuntime.Stock });
        ModelWriter.WriteFile(packed, System.IO.Path.Combine(Path, "packed.onnx"));
        GraphLowering.Lower(zoo.Model);
        ModelWriter.WriteFile(zoo.Model, System.IO.Path.Combine(Path, "plain.onnx"));
    }

    public string Path => _folder.PathTo("model");

    /// <summary>A file beside it.</summary>
    public string PathTo(string name) => _folder.PathTo(name);

    public void Dispose() => _folder.Dispose();
}
