namespace OnnxActNN.Rewriter.Analysis;

/// <summary>The kinds of training graph that are understood.</summary>
public enum Dialect
{
    /// <summary>
    /// Artifacts of ONNX Runtime's gradient builder: gradient operators, and a seed gradient of the loss.
    /// </summary>
    OrtArtifacts,

    /// <summary>Gradients written as ordinary ONNX nodes; outputs are gradients or updated parameters.</summary>
    StepGraph,

    /// <summary>A joint forward and backward graph of ORTModule, with a YieldOp between the halves.</summary>
    OrtModule,
}
