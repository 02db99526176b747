using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.Diagnostics;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Rewriter.Passes;

namespace OnnxActNN.Rewriter.Lowering;

/// <summary>
/// Rewrites a training graph of ONNX Runtime's gradient builder so that it needs no training build: the current ONNX
/// Runtime computes loss and gradients with it, on the CPU and on CUDA.
/// </summary>
/// <remarks>
/// The lowered graph takes the caller's inputs and the parameters, and gives the loss (and the original's other
/// outputs) and, for each trained parameter P in its order, <c>P_grad</c>: see <see cref="GradientOutputs"/>.
/// </remarks>
public static class GraphLowering
{
    /// <summary>Lowers a model in memory.</summary>
    /// <param name="model">Content of an .onnx file with a forward and a backward pass.</param>
    /// <exception cref="OnnxFormatException">The bytes are no valid ONNX model.</exception>
    /// <exception cref="LoweringException">The graph has training operators that cannot be lowered.</exception>
    /// <exception cref="UnsupportedGraphException">The model is no training graph, or its operator set is too
    /// old.</exception>
    public static LoweringResult Lower(ReadOnlyMemory<byte> model) => Lower(ModelReader.Read(model));

    /// <summary>Lowers a file.</summary>
    /// <inheritdoc cref="Lower(ReadOnlyMemory{byte})"/>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static LoweringResult LowerFile(string path) => Lower(ModelReader.ReadFile(path));

    /// <param name="model">The model.</param>
    /// <param name="kept">Operators that stay for now, because something else may take their place.</param>
    internal static LoweringResult Lower(Model model, IReadOnlySet<OperatorId>? kept = null)
    {
        ReadReluOutput.Apply(model.Graph);
        var split = SplitFinder.Find(model.Graph);
        var accumulators = GradientOutputs.Apply(model.Graph);
        var replaced = LoweringPass.Apply(model, split, kept);
        GradientOutputs.MoveLeavesToEnd(model.Graph);
        if (accumulators > 0) replaced[TrainingOperators.Accumulator.ToString()] = accumulators;
        return new LoweringResult(model, replaced);
    }
}
