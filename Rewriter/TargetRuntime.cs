namespace OnnxActNN.Rewriter;

/// <summary>The ONNX Runtime that is to run a rewritten graph.</summary>
public enum TargetRuntime
{
    /// <summary>The last build with training, 1.19.2: gradient operators and accumulators stay.</summary>
    Training,

    /// <summary>The current inference build: gradient operators are lowered first, gradients become outputs.</summary>
    Stock,
}
