namespace OnnxActNN.Training.Data;

/// <summary>Labelled samples of one shape.</summary>
internal sealed class SampleSet
{
    /// <param name="place">What messages call the samples.</param>
    /// <param name="values">Samples, along the first axis.</param>
    /// <param name="labels">Class of each sample.</param>
    /// <exception cref="DataFormatException">The numbers of samples and labels differ, or there are none.</exception>
    public SampleSet(string place, NumberArray values, long[] labels)
    {
        if (values.Sizes.Count == 0 || values.Sizes[0] != labels.Length || labels.Length == 0)
            throw new DataFormatException(
                place, $"has samples of sizes [{string.Join(", ", values.Sizes)}] and {labels.Length} labels.");
        (Values, Labels, SampleSizes) = (values.Values, labels, [.. values.Sizes.Skip(1)]);
    }

    /// <summary>Number of samples.</summary>
    public int Count => Labels.Length;

    /// <summary>Sizes of one sample.</summary>
    public IReadOnlyList<int> SampleSizes { get; }

    /// <summary>All elements, sample after sample.</summary>
    public float[] Values { get; }

    public long[] Labels { get; }

    public int ElementsPerSample => Values.Length / Count;

    public ReadOnlySpan<float> Sample(int index) => Values.AsSpan(index * ElementsPerSample, ElementsPerSample);

    /// <summary>The samples of the given numbers.</summary>
    public SampleSet Take(IReadOnlyCollection<int> indices)
    {
        var values = new float[indices.Count * ElementsPerSample];
        var labels = new long[indices.Count];
        var place = 0;
        foreach (var index in indices)
        {
            Sample(index).CopyTo(values.AsSpan(place * ElementsPerSample));
            labels[place++] = Labels[index];
        }
        return new SampleSet("part", new NumberArray([indices.Count, .. SampleSizes], values), labels);
    }
}
