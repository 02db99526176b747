using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Lowering;

/// <summary>
/// Resize along one axis as a matrix: row y holds the weights of the input elements in output element y.
/// </summary>
/// <remarks>Source: definition of Resize, its modes and coordinate transformations.</remarks>
internal static class ResizeMatrix
{
    /// <summary>The matrix [resized, size], row-major.</summary>
    /// <param name="attributes">Attributes of the Resize node.</param>
    /// <param name="size">Elements before.</param>
    /// <param name="resized">Elements after.</param>
    /// <param name="scale">resized/size, or what the node gives as scale.</param>
    /// <exception cref="RecipeException">A mode that is not covered: cubic, antialiased, or coordinates of a
    /// region.</exception>
    public static float[] Of(AttributeList attributes, long size, long resized, double scale)
    {
        if (attributes.GetInt("antialias", 0) != 0) throw NodeWriter.Fail("antialias is set");
        var weigh = attributes.GetText("mode", "nearest") switch
        {
            "linear" => (Action<float[], long, double>)((matrix, row, x) => Linear(matrix, row, x, size)),
            "nearest" => (matrix, row, x) => matrix[row * size + Nearest(attributes, x, size)] = 1,
            var mode => throw NodeWriter.Fail($"mode is {mode}"),
        };
        var matrix = new float[resized * size];
        for (var y = 0L; y < resized; y++) weigh(matrix, y, Coordinate(attributes, y, size, resized, scale));
        return matrix;
    }

    private static double Coordinate(AttributeList attributes, long y, long size, long resized, double scale) =>
        attributes.GetText("coordinate_transformation_mode", "half_pixel") switch
        {
            "half_pixel" => (y + 0.5) / scale - 0.5,
            "pytorch_half_pixel" => resized > 1 ? (y + 0.5) / scale - 0.5 : 0,
            "asymmetric" => y / scale,
            "align_corners" => resized > 1 ? y * (size - 1.0) / (resized - 1) : 0,
            var mode => throw NodeWriter.Fail($"coordinate_transformation_mode is {mode}"),
        };

    private static void Linear(float[] matrix, long row, double x, long size)
    {
        var inside = Math.Clamp(x, 0, size - 1);
        var left = (long)Math.Floor(inside);
        var right = Math.Min(left + 1, size - 1);
        matrix[row * size + left] += (float)(1 - (inside - left));
        matrix[row * size + right] += (float)(inside - left);
    }

    private static long Nearest(AttributeList attributes, double x, long size)
    {
        var rounded = attributes.GetText("nearest_mode", "round_prefer_floor") switch
        {
            "floor" => Math.Floor(x),
            "ceil" => Math.Ceiling(x),
            "round_prefer_ceil" => Math.Floor(x + 0.5),
            _ => Math.Ceiling(x - 0.5),
        };
        return (long)Math.Clamp(rounded, 0, size - 1);
    }
}
