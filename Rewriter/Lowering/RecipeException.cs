namespace OnnxActNN.Rewriter.Lowering;

/// <summary>
/// Why a recipe cannot replace a node. Collected with those of other nodes into a <see cref="LoweringException"/>.
/// </summary>
internal sealed class RecipeException(string reason) : Exception(reason);
