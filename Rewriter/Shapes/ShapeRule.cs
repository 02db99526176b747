namespace OnnxActNN.Rewriter.Shapes;

/// <summary>Sets the types of a node's outputs, as far as they are known.</summary>
internal delegate void ShapeRule(RuleContext context);
