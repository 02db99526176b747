using System.Text.RegularExpressions;
using FluentAssertions;
using OnnxActNN.EndToEnd.Tests.Tools;
using OnnxActNN.Testing;
using OnnxActNN.TestModels;
using OnnxActNN.Tools;
using Xunit;

namespace OnnxActNN.EndToEnd.Tests.Reporting;

/// <summary>
/// The page that <c>report</c> writes, in a browser: what it shows, and that mouse, keyboard and width work.
/// </summary>
public sealed partial class ReportPageTests : IDisposable
{
    private const string Labels = "[...document.querySelectorAll('#chart text')].map(text => text.textContent)";
    private readonly TempFolder _folder = new();

    [Fact]
    public void The_page_needs_no_network()
    {
        var page = File.ReadAllText(Write());
        Address().Matches(page).Select(match => match.Value).Should()
            .OnlyContain(address => address == "http://www.w3.org/2000/svg");
        page.Should().Contain("default-src 'none'").And.NotContain("{{");
    }

    [Fact]
    public void A_models_texts_cannot_leave_the_data()
    {
        var model = Model();
        var hostile = _folder.PathTo("<script>alert(1)</script>&.onnx".Replace("/", "%", StringComparison.Ordinal));
        File.Copy(model, hostile);
        var page = _folder.PathTo("hostile.html");
        ToolProcess.Run("report", hostile, "-o", page, "--dim", "batch=4").ExitCode.Should().Be(ExitCode.Done);
        File.ReadAllText(page).Should().NotContain("<script>alert");
    }

    [Fact]
    public void Both_peaks_the_line_between_the_passes_and_every_tensor_are_shown()
    {
        using var browser = Open(Write(), 1280);
        var labels = Texts(browser, Labels);
        labels.Should().Contain(["forward pass", "backward pass", "peak, original", "peak, rewritten"]);
        browser.Evaluate("document.querySelectorAll('#chart .boundary').length").GetInt32().Should().Be(1);
        browser.Evaluate("document.querySelectorAll('#chart circle.peak').length").GetInt32().Should().Be(2);
        browser.Evaluate("""
            data.models.every(model =>
              Math.max(...model.steps.map((_, step) => visibleTotal(model, step))) === model.peak_bytes + model.base)
            """)
            .GetBoolean().Should().BeTrue("the page adds up to the peak that the tool worked out");
        browser.Evaluate(
            "document.querySelectorAll('#rows tbody tr').length === data.tensors.length && data.tensors.length > 0")
            .GetBoolean().Should().BeTrue();
        Texts(browser, "[...document.querySelectorAll('#curve-charts figcaption')].map(title => title.textContent)")
            .Should().Equal("Loss", "Loss on test samples", "Accuracy");
        browser.Errors.Should().BeEmpty();
    }

    [Fact]
    public void Keys_move_the_cursor()
    {
        using var browser = Open(Write(), 1280);
        browser.Evaluate("document.getElementById('chart').focus()");
        int At() => int.Parse(
            browser.Evaluate("document.getElementById('chart').getAttribute('aria-valuenow')").GetString()!, null);
        browser.Press("Home");
        At().Should().Be(0);
        browser.Press("ArrowRight");
        browser.Press("ArrowRight");
        At().Should().Be(2);
        browser.Press("End");
        At().Should().Be(browser.Evaluate("data.models.at(-1).steps.length - 1").GetInt32());
        browser.Press("p");
        browser.Evaluate("document.getElementById('place').textContent").GetString().Should().Contain("the peak");
        browser.Press("Tab");
        browser.Evaluate("document.activeElement.type").GetString().Should().Be("checkbox");
        var paths = browser.Evaluate("document.querySelectorAll('#chart path[data-category=parameters]').length")
            .GetInt32();
        browser.Press(" ");
        browser.Evaluate("document.querySelectorAll('#chart path[data-category=parameters]').length").GetInt32()
            .Should().Be(0);
        paths.Should().Be(2);
        browser.Errors.Should().BeEmpty();
    }

    [Fact]
    public void The_table_sorts_and_filters()
    {
        using var browser = Open(Write(), 1280);
        const string Column = "[...document.querySelectorAll('#rows tbody tr')].map(row => row.cells[0].textContent)";
        browser.Evaluate("document.querySelector('#rows thead button').click()");
        var names = Texts(browser, Column);
        browser.Evaluate("document.querySelector('#rows thead th').ariaSort").GetString().Should().Be("ascending");
        browser.Evaluate("document.querySelector('#rows thead button').click()");
        Texts(browser, Column).Should().Equal(names.AsEnumerable().Reverse());
        browser.Evaluate("""
            document.getElementById('filter').value = 'relu';
            document.getElementById('filter').dispatchEvent(new Event('input'))
            """);
        Texts(browser, Column).Should().HaveCountLessThan(names.Count).And.NotBeEmpty();
        browser.Errors.Should().BeEmpty();
    }

    [Fact]
    public void The_mouse_chooses_a_node_and_one_graph_can_be_shown_alone()
    {
        using var browser = Open(Write(), 1280);
        browser.Evaluate(
            "document.getElementById('chart').dispatchEvent(new PointerEvent('pointermove', { clientX: 0 }))");
        browser.Evaluate("document.getElementById('place').textContent").GetString().Should().Contain("(1 of ");
        browser.Evaluate("document.querySelector('input[value=original]').click()");
        Texts(browser, Labels).Should().Contain("peak, original").And.NotContain("peak, rewritten");
        browser.Errors.Should().BeEmpty();
    }

    [Theory]
    [InlineData(1280, "light")]
    [InlineData(1280, "dark")]
    [InlineData(800, "light")]
    [InlineData(800, "dark")]
    public void Nothing_overlaps_or_sticks_out(int width, string theme)
    {
        using var browser = Open(Write(), width);
        browser.Evaluate($"document.documentElement.dataset.theme = '{theme}'");
        browser.Evaluate("document.documentElement.scrollWidth - innerWidth").GetInt32().Should()
            .BeLessThanOrEqualTo(0);
        browser.Evaluate("""
            (() => {
              const boxes = [...document.querySelectorAll("svg text")].map(text =>
                ({ text: text.textContent, svg: text.ownerSVGElement, box: text.getBoundingClientRect() }));
              const meets = (a, b) =>
                a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 3 && b.top < a.bottom - 3;
              const sticksOut = ({ box, svg }) => {
                const frame = svg.getBoundingClientRect();
                return box.left < frame.left - 1 || box.right > frame.right + 1;
              };
              const out = boxes.filter(sticksOut);
              const over = boxes.flatMap((a, i) =>
                boxes.slice(i + 1).filter(b => meets(a.box, b.box)).map(b => `${a.text} | ${b.text}`));
              return [...out.map(({ text }) => `sticks out: ${text}`), ...over];
            })()
            """).EnumerateArray().Select(text => text.GetString()).Should().BeEmpty();
        const string Colour = "getComputedStyle(document.body).backgroundColor";
        browser.Evaluate(Colour).GetString().Should().Be(theme == "light" ? "rgb(255, 255, 255)" : "rgb(20, 23, 28)");
        browser.Errors.Should().BeEmpty();
    }

    public void Dispose() => _folder.Dispose();

    [GeneratedRegex("https?://[^\"' <]+")]
    private static partial Regex Address();

    private static HeadlessBrowser Open(string page, int width)
    {
        var browser = HeadlessBrowser.Start();
        browser.Open(page, width, height: 1600);
        return browser;
    }

    private static List<string> Texts(HeadlessBrowser browser, string expression) =>
        [.. browser.Evaluate(expression).EnumerateArray().Select(text => text.GetString()!)];

    private string Model()
    {
        TestModelFiles.Write(TestModelCatalog.Find("residual"), _folder.Path, batch: 4);
        return _folder.PathTo(TestModelFiles.Graph);
    }

    private string Write()
    {
        var (original, packed, page, csv) =
            (Model(), _folder.PathTo("packed.onnx"), _folder.PathTo("report.html"), _folder.PathTo("run.csv"));
        File.WriteAllText(csv, """
            run,epoch,step,loss,eval_loss,accuracy,samples_per_second,peak_bytes
            2 bits,1,10,1.5,1.4,0.5,100,1000
            float32,1,10,1.5,1.3,0.6,100,2000
            2 bits,2,20,1.0,1.1,0.7,100,1000
            float32,2,20,0.9,1.0,0.7,100,2000
            """);
        ToolProcess.Run("rewrite", original, "-o", packed).ExitCode.Should().Be(ExitCode.Done);
        var result = ToolProcess.Run("report", original, packed, "-o", page, "--dim", "batch=4", "--csv", csv);
        result.ExitCode.Should().Be(ExitCode.Done, result.ToString());
        return page;
    }
}
