namespace OnnxActNN.Rewriter.Shapes;

/// <summary>The elements of a node's first output, or null where they depend on data.</summary>
internal delegate IntegerTensor? IntegerRule(RuleContext context);
