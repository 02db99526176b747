using OnnxActNN.Rewriter.IR;
namespace OnnxActNN.Rewriter.Shapes;
internal sealed class InferredTypes { public TensorType? Of(Value v) => v.Declared; }
internal static class ShapeInference { public static InferredTypes Infer(Model m) => new(); }
