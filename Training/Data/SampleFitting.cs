namespace OnnxActNN.Training.Data;

/// <summary>Brings samples to the shape that a graph's input has.</summary>
internal static class SampleFitting
{
    /// <summary>
    /// The samples at the given sizes: as they are where the number of elements agrees; images of one channel are
    /// padded evenly with the smallest value and repeated over the channels.
    /// </summary>
    /// <exception cref="DataFormatException">Neither is possible.</exception>
    public static SampleSet Fit(SampleSet samples, IReadOnlyList<long> sizes)
    {
        if (sizes.Aggregate(1L, (product, size) => product * size) == samples.ElementsPerSample) return samples;
        if (samples.SampleSizes is not [var height, var width]
            || sizes is not [var channels, var rows, var columns]
            || rows < height || columns < width)
        {
            throw new DataFormatException(
                "samples",
                $"have sizes [{string.Join(", ", samples.SampleSizes)}], which do not fit the graph's "
                + $"[{string.Join(", ", sizes)}].");
        }
        var values = new float[samples.Count * channels * rows * columns];
        Array.Fill(values, samples.Values.Min());
        var (top, left) = ((int)(rows - height) / 2, (int)(columns - width) / 2);
        for (var plane = 0; plane < samples.Count * channels; plane++)
        {
            var source = samples.Sample(plane / (int)channels);
            for (var row = 0; row < height; row++)
            {
                var start = (plane * (int)rows + top + row) * (int)columns + left;
                source.Slice(row * width, width).CopyTo(values.AsSpan(start));
            }
        }
        return new SampleSet("samples",
            new NumberArray([samples.Count, (int)channels, (int)rows, (int)columns], values), samples.Labels);
    }
}
