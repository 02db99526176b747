using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu.Mixed;

/// <summary>
/// Gives each group its class: the largest keys (<see cref="GroupKeys"/>) get the widest codes, and each class as many
/// groups as it has room for; among equals the earlier ones come first.
/// </summary>
/// <remarks>
/// At a given number of bits a group's variance grows as its squared range, so no exchange between two groups lowers
/// the sum, but for what ranges within an eighth of each other differ. One pass counts, one places: a number that
/// depends on the data never enters a size.
/// </remarks>
internal static unsafe class GroupAllocation
{
    /// <summary>Writes the table, and where each rank's group is.</summary>
    /// <param name="keys">The key of each group.</param>
    /// <param name="layout">How many groups each class has.</param>
    /// <param name="packed">Takes the table.</param>
    /// <param name="order">Takes the groups, class after class, each in the order of the tensor.</param>
    public static void Assign(ushort* keys, PackedLayout layout, byte* packed, long* order)
    {
        var sections = layout.Sections;
        new Span<byte>(
            packed + PackedLayout.TableOffset, checked((int)(layout.BlockCount * PackedLayout.TableBytesPerBlock)))
            .Clear();
        var place = PlaceOfFirst(keys, layout.GroupCount);
        Span<long> wider = stackalloc long[WidthShares.Classes];
        Span<long> next = stackalloc long[WidthShares.Classes];
        long sum = 0;
        for (var index = 0; index < WidthShares.Classes; index++)
        {
            next[index] = sum;
            sum += sections[index].Groups;
            // Places from the widest on: a class begins where all wider ones end.
            wider[index] = layout.GroupCount - sum;
        }
        for (long group = 0; group < layout.GroupCount; group++)
        {
            var at = place[keys[group]]++;
            var index = at < wider[2] ? 3 : at < wider[1] ? 2 : at < wider[0] ? 1 : 0;
            WidthTable.Set(packed, group, index);
            order[next[index]++] = group;
        }
    }

    /// <summary>For each key, how many groups have a larger one.</summary>
    private static long[] PlaceOfFirst(ushort* keys, long groups)
    {
        var place = new long[GroupKeys.Count];
        for (long group = 0; group < groups; group++) place[keys[group]]++;
        long larger = 0;
        for (var key = GroupKeys.Count - 1; key >= 0; key--) (place[key], larger) = (larger, larger + place[key]);
        return place;
    }
}
