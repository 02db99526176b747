using OnnxActNN.CustomOps.Interop;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Ops;

/// <summary>
/// Anchor (X, packed) → passthrough: hands X on once packed is there. ONNX Runtime runs a node when a reader asks for
/// it; this reader stands in the forward pass, where nobody else asks for the pack.
/// </summary>
internal sealed class AnchorOperator : IOperatorKernel
{
    public static OperatorDefinition Define(OrtElementType type) => new()
    {
        Name = OperatorSchema.Anchor.Name,
        Inputs = [type, OrtElementType.UInt8],
        Outputs = [type],
        PassThroughOutput = 0,
        RunsOnCuda = true,
        CreateKernel = _ => new AnchorOperator(),
    };

    public void Compute(OrtKernelContext context) => PassThrough.Write(context, 0, context.Input(0));
}
