namespace OnnxActNN.Format.Profiles;

/// <summary>
/// Whether what was read from a file is all there: readers of a profile index its lists side by side.
/// </summary>
internal static class ProfileCheck
{
    /// <summary>
    /// The profile with its defaults in the place of what a file leaves out, which is null whatever the declaration
    /// says.
    /// </summary>
    public static ActivationProfile Complete(ActivationProfile profile) => profile with
    {
        Model = profile.Model ?? "",
        Dimensions = profile.Dimensions ?? new Dictionary<string, long>(),
        Parameters = profile.Parameters ?? [],
        Probed = profile.Probed ?? [],
        Measured = profile.Measured ?? [],
    };

    /// <summary>What is wrong, for people; null for a profile that is whole.</summary>
    public static string? Problem(ActivationProfile profile)
    {
        if (profile.Tensors.Contains(null!) || profile.Parameters.Contains(null!) || profile.Probed.Contains(null!)
            || profile.Measured.Contains(null!))
            return "has nothing in the place of an entry";
        if (profile.Probed.Select(probed => probed.Name).Distinct().Count() < profile.Probed.Count)
            return "names a probed tensor twice";
        return profile.Tensors.FirstOrDefault(tensor => !IsWhole(tensor)) is { } broken
            ? $"has lists of different lengths for tensor '{broken.Name}'"
            : null;
    }

    private static bool IsWhole(TensorProfile tensor)
    {
        var (samples, channels) = (tensor.Samples, tensor.Channels);
        return tensor.SquaredRangeBins is not null && tensor.RelativeRangeBins is not null
            && channels is not null && tensor.Finer is not null && !tensor.Finer.Contains(null!)
            && AreParallel(
                samples.Elements?.Count, samples.Squares?.Count, samples.SquaredRanges?.Count,
                samples.RelativeRanges?.Count, samples.SquaredPeaks?.Count,
                samples.Minimum?.Count, samples.Maximum?.Count)
            && AreParallel(
                channels.Elements?.Count, channels.Sums?.Count, channels.Squares?.Count, channels.SquaredRanges?.Count);
    }

    /// <summary>As many entries as the first, or none.</summary>
    private static bool AreParallel(params int?[] counts) =>
        counts.All(count => count is not null && (count == counts[0] || count == 0));
}
