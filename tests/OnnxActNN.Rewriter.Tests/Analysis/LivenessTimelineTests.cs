using FluentAssertions;
using OnnxActNN.Rewriter.Analysis;
using Xunit;

namespace OnnxActNN.Rewriter.Tests.Analysis;

/// <summary>Bytes alive in small orders that can be added up by hand.</summary>
public sealed class LivenessTimelineTests
{
    private static readonly Dictionary<string, long> Bytes = new()
    {
        ["a"] = 1,
        ["b"] = 20,
        ["c"] = 300,
        ["view"] = 20,
        ["unused"] = 4000,
    };

    [Fact]
    public void A_buffer_lives_from_its_writer_to_its_last_reader()
    {
        var timeline = Of(
            [new("A", ["x"], ["a"]), new("B", ["a"], ["b"]), new("C", ["b"], ["c"]), new("D", ["a", "c"], [])]);
        timeline.BytesAt.Should().Equal(1, 1 + 20, 1 + 20 + 300, 1 + 300);
        timeline.Peak().Should()
            .BeEquivalentTo(new LivenessPeak(321, 2, ["c", "b", "a"]), options => options.WithStrictOrdering());
    }

    [Fact]
    public void Unread_results_live_while_their_node_runs_and_kept_ones_to_the_end()
    {
        var timeline = Of([new("A", [], ["a", "unused"]), new("B", [], ["b"]), new("C", [], ["c"])], kept: ["b"]);
        timeline.BytesAt.Should().Equal(4001, 20, 320);
    }

    [Fact]
    public void What_is_written_over_ends_where_its_successor_begins()
    {
        var timeline = Of(
            [new("A", [], ["b"]), new("B", [], ["a"]), new("C", ["a", "view"], ["c"], Overwritten: "view"),
            new("D", ["c"], [])]);
        timeline.BytesAt.Should().Equal(20, 21, 301, 300);
    }

    [Fact]
    public void A_view_keeps_its_owner_and_has_no_bytes_of_its_own()
    {
        var timeline = Of(
            [new("A", [], ["b"]), new("View", ["b"], ["view"]), new("C", [], ["c"]), new("D", ["view"], ["a"])]);
        timeline.BytesAt.Should().Equal(20, 20, 320, 21);
        timeline.Crossing(2).Should().Equal(("b", 20));
    }

    [Fact]
    public void Values_that_no_node_writes_take_no_part() =>
        Of([new("A", ["c"], ["a"]), new("B", ["a", "c"], ["b"])]).BytesAt.Should().Equal(1, 21);

    [Fact]
    public void Nothing_run_is_nothing_alive() => Of([]).Peak().Should().BeEquivalentTo(new LivenessPeak(0, -1, []));

    private static LivenessTimeline Of(IReadOnlyList<LivenessStep> steps, params string[] kept) =>
        new(steps, value => Bytes[value], value => value == "view" ? "b" : value, kept.ToHashSet());
}
