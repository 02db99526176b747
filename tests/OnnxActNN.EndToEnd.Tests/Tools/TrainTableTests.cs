using FluentAssertions;
using OnnxActNN.Tools.Rendering;
using OnnxActNN.Training.Loops;
using Spectre.Console;
using Xunit;

namespace OnnxActNN.EndToEnd.Tests.Tools;

/// <summary>How training looks on a terminal and elsewhere.</summary>
public sealed class TrainTableTests
{
    private static readonly EpochResult Early = new("2 bits", 1, 10, 2.5, null, null, 100, 3_000_000);
    private static readonly EpochResult Done = Early with { Step = 20, Loss = 1.25, EvalLoss = 1.5, Accuracy = 0.75 };

    [Fact]
    public void On_a_terminal_a_row_changes_with_the_steps()
    {
        var output = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes,
            Interactive = InteractionSupport.Yes,
            Out = new AnsiConsoleOutput(output),
        });
        console.Profile.Width = 80;
        var atStep = "";

        var result = LiveTrainTable.Show(console, listener =>
        {
            Thread.Sleep(TimeSpan.FromSeconds(0.2));
            listener.OnStep(Early);
            atStep = output.ToString();
            listener.OnEpoch(Done);
            return true;
        });

        result.Should().BeTrue();
        atStep.Should().Contain("2.5000").And.Contain("3.00 MB").And.NotContain("1.2500");
        var rest = output.ToString()[atStep.Length..];
        var final = rest[rest.LastIndexOf("run", StringComparison.Ordinal)..];
        final.Should().Contain("1.2500").And.Contain("75.00 %").And.NotContain(
            "2.5000", "the row was changed, not added");
    }

    [Fact]
    public void Elsewhere_there_is_one_line_per_epoch()
    {
        var output = new StringWriter();

        TrainTable.Show(output, listener =>
        {
            listener.OnStep(Early);
            listener.OnEpoch(Done);
            return true;
        });

        var lines = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Should().HaveCount(2).And.OnlyContain(line => line.Length <= 80);
        lines[1].Should().Contain("1.2500").And.Contain("75.00 %").And.NotContain("\u001b");
    }
}
