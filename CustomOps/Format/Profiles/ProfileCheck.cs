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
        Measured = [.. (profile.Measured ?? []).Select(
            measured => measured is { Rebuilt: null } ? measured with { Rebuilt = [] } : measured)],
    };

    /// <summary>What is wrong, for people; null for a profile that is whole.</summary>
    public static string? Problem(ActivationProfile profile)
    {
        if (profile.Tensors.Contains(null!) || profile.Parameters.Contains(null!) || profile.Probed.Contains(null!)
            || profile.Measured.Contains(null!))
            return "has nothing in the place of an entry";
        if (IsTwice(profile.Tensors, tensor => (tensor.Name, tensor.Role))) return "names a tensor twice for one role";
        if (IsTwice(profile.Parameters, parameter => parameter.Name)) return "names a parameter twice";
        if (IsTwice(profile.Probed, probed => probed.Name)) return "names a probed tensor twice";
        if (IsTwice(profile.Measured, measured => measured.Name)) return "names a measured tensor twice";
        if (profile.Measured.FirstOrDefault(measured => !HasCode(measured)) is { } other)
            return $"says that tensor '{other.Name}' was measured with a code that there is not";
        return profile.Tensors.FirstOrDefault(tensor => !IsWhole(tensor)) is { } broken
            ? $"has lists of different lengths for tensor '{broken.Name}'"
            : null;
    }

    private static bool IsTwice<T, TKey>(IReadOnlyList<T> entries, Func<T, TKey> keyOf) =>
        entries.DistinctBy(keyOf).Count() < entries.Count;

    private static bool HasCode(MeasuredSensitivity measured) =>
        CodeWidths.TryFromLevels(measured.Levels) is { } width && !(measured.ZeroExact && width == CodeWidth.OneBit)
        && measured.GroupSize is >= 0 and <= PackFormat.LargestGroupSize
        && Enum.IsDefined(measured.Grid) && Enum.IsDefined(measured.Rounding) && Enum.IsDefined(measured.Metadata)
        && measured.ToFormat().Contradiction is null;

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
