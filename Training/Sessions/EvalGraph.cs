using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Lowering;

namespace OnnxActNN.Training.Sessions;

/// <summary>An evaluation graph made ready for the current ONNX Runtime.</summary>
internal static class EvalGraph
{
    /// <summary>
    /// Lowers what of its operators only the training build has; mostly the loss alone. Changes the model.
    /// </summary>
    /// <exception cref="LoweringException">It has operators that cannot be lowered.</exception>
    public static Model Prepare(Model model)
    {
        if (model.Graph.Nodes.Any(node => TrainingOperators.Contains(node.Operator)))
            LoweringPass.Apply(model, split: null);
        return model;
    }
}
