namespace OnnxActNN.Rewriter.Planning;

/// <summary>Searches in lists.</summary>
internal static class ListSearch
{
    /// <summary>The first place of the least key; the list must have an element.</summary>
    public static int IndexOfLeast<T>(this IReadOnlyList<T> list, Func<T, double> key)
    {
        var least = 0;
        for (var index = 1; index < list.Count; index++)
        {
            if (key(list[index]) < key(list[least])) least = index;
        }
        return least;
    }
}
