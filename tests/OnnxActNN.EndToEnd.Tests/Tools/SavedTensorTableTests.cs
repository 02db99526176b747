using FluentAssertions;
using OnnxActNN.Rewriter;
using OnnxActNN.TestModels;
using OnnxActNN.Tools.Rendering;
using Xunit;

namespace OnnxActNN.EndToEnd.Tests.Tools;

/// <summary>
/// The order in which <c>inspect</c> and <c>rewrite</c> list tensors: what takes most memory comes first.
/// </summary>
public sealed class SavedTensorTableTests
{
    [Fact]
    public void Without_sizes_tensors_that_grow_with_the_batch_come_first()
    {
        var isOpen = Rows(new Dictionary<string, long>()).Select(row => row.Contains('–')).ToList();
        isOpen.Should().Contain(true).And.Contain(false).And.BeInDescendingOrder();
    }

    [Fact]
    public void Without_sizes_they_stand_in_the_order_that_they_have_with_one()
    {
        var batched = Rows(new Dictionary<string, long> { ["batch"] = 1000 });
        var open = Rows(new Dictionary<string, long>()).TakeWhile(row => row.Contains('–')).ToList();
        open.Select(Name).Should().HaveCountGreaterThan(10).And.Equal(batched.Take(open.Count).Select(Name));
    }

    private static string Name(string row) => string.Concat(row.Trim().Take(20));

    private static List<string> Rows(Dictionary<string, long> dimensions)
    {
        var output = new StringWriter();
        var model = TestModelCatalog.Find("residual").Build();
        var report = TrainingGraphRewriter.Inspect(model, new RewriteOptions { Dimensions = dimensions });
        SavedTensorTable.Write(output, report, all: true, isRewritten: false);
        // A row's text may go on in further lines, which have no bytes.
        return [.. output.ToString().Split('\n').SkipWhile(line => !line.StartsWith('─')).Skip(1)
            .TakeWhile(line => line.Trim().Length > 0)
                .Where(
                    line => line.Contains(" B ") || line.Contains('–') || line.Contains("kB ")
                    || line.Contains("MB "))];
    }
}
