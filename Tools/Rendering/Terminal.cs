using Spectre.Console;

namespace OnnxActNN.Tools.Rendering;

/// <summary>Where tables go: colours on a terminal, plain text in a pipe or a test.</summary>
internal static class Terminal
{
    private const int PipeWidth = 120;

    public static bool IsTerminal(TextWriter output) =>
        ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected;

    public static IAnsiConsole Over(TextWriter output)
    {
        var isTerminal = IsTerminal(output);
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = isTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = isTerminal ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(output),
        });
        if (!isTerminal) console.Profile.Width = PipeWidth;
        return console;
    }
}
