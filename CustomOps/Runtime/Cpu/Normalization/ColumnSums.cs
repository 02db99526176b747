namespace OnnxActNN.CustomOps.Cpu.Normalization;

/// <summary>Sums over the rows of one block, per column.</summary>
internal sealed unsafe class ColumnSums(int columns)
{
    public float[] Gradients { get; } = new float[columns];

    public float[] Products { get; } = new float[columns];

    /// <summary>Adds up what the blocks hold, in their order.</summary>
    /// <param name="blocks">The blocks; null where no row was.</param>
    /// <param name="products">Totals of <see cref="Products"/>.</param>
    /// <param name="gradients">Totals of <see cref="Gradients"/>.</param>
    /// <param name="columns">Columns.</param>
    public static void Total(IEnumerable<ColumnSums?> blocks, float* products, float* gradients, int columns)
    {
        var some = blocks.OfType<ColumnSums>().ToArray();
        for (var column = 0; column < columns; column++)
        {
            var (product, gradient) = (0.0, 0.0);
            foreach (var block in some)
            {
                product += block.Products[column];
                gradient += block.Gradients[column];
            }
            products[column] = (float)product;
            gradients[column] = (float)gradient;
        }
    }
}
