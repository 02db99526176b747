using static OnnxActNN.Rewriter.Lowering.Formula;

namespace OnnxActNN.Rewriter.Lowering;

/// <summary>The sizes of a pool's input, whose gradient a node makes: batch and channels are those of dY.</summary>
internal static class PooledSizes
{
    /// <summary>An int64 vector.</summary>
    /// <exception cref="RecipeException">A spatial size is not known.</exception>
    public static Term Of(NodeWriter writer)
    {
        var spatial = Spatial(writer);
        return Concat(0, Slice(writer.Write("Shape", [writer.Input(0)]), [0], [2], [0]), writer.Integers(spatial));
    }

    /// <exception cref="RecipeException">A spatial size is not known.</exception>
    public static long[] Spatial(NodeWriter writer)
    {
        var sizes = writer.ShapeOfOutput(0)?.Skip(2).Select(dimension => dimension.Value).ToArray();
        if (sizes is null || Array.Exists(sizes, size => size is null))
            throw NodeWriter.Fail("the pool's spatial sizes are not known");
        return Array.ConvertAll(sizes, size => size!.Value);
    }
}
