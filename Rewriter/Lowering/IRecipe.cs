using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Lowering;

/// <summary>How one operator is written with operators that the current ONNX Runtime has.</summary>
/// <remarks>
/// Recipes use only what its CPU and CUDA providers both run, and keep no state: one object serves all nodes.
/// </remarks>
internal interface IRecipe
{
    /// <summary>The operator that the recipe replaces.</summary>
    public OperatorId Operator { get; }

    /// <summary>The first version of the standard operator set that has everything the recipe writes.</summary>
    public long Opset { get; }

    /// <summary>
    /// Writes the replacement of the writer's node and returns a term for each output that somebody reads.
    /// </summary>
    /// <exception cref="RecipeException">The node has attributes or shapes that the recipe does not cover.</exception>
    public void Write(NodeWriter writer);
}
