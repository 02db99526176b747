using FluentAssertions;
using OnnxActNN.EndToEnd.Tests.Tools;
using OnnxActNN.Testing;
using Xunit;

namespace OnnxActNN.EndToEnd.Tests.Documentation;

/// <summary>
/// The examples of the guide that are marked <c>sh runnable</c> run, and print what stands behind <c>#&gt;</c> in them.
/// </summary>
public sealed class RunnableExampleTests : IDisposable
{
    private const string Start = "```sh runnable";
    private const string End = "```";
    private const string Expectation = "#> ";

    /// <summary>Pages of the guide that explain something that can be run.</summary>
    private static readonly string[] PagesWithExamples =
    [
        "graphs.md", "analysis.md", "storage-classes.md", "plan.md", "planning.md", "operators-format.md",
        "runtimes.md", "lowering.md", "training.md", "cuda.md", "tool.md",
    ];

    /// <summary>How most examples begin. It takes a while and gives the same each time, so it runs once.</summary>
    private const string Demo = "demo --epochs 1 --keep garments";

    private static readonly Lazy<TempFolder> DemoFolder = new(() =>
    {
        var folder = new TempFolder();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Dispose();
        var run = ChildProcess.Run("bash", ["-c", $"cd '{folder.Path}' && dotnet '{ToolProcess.Program}' {Demo}"]);
        run.ExitCode.Should().Be(0, run.ToString());
        return folder;
    });

    private readonly TempFolder _folder = new();

    public static TheoryData<string, int> Examples()
    {
        var examples = new TheoryData<string, int>();
        foreach (var page in Pages())
        {
            for (var number = 0; number < Read(page).Count; number++) examples.Add(Path.GetFileName(page), number);
        }
        return examples;
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void It_runs_and_prints_what_the_page_says(string page, int number)
    {
        var example = Read(Path.Combine(Guide, page))[number];
        if (example.Contains("python3", StringComparison.Ordinal)) Requirement.Program(["python3"], "python3");
        var run = ChildProcess.Run("bash", ["-c", $$"""
            set -euo pipefail
            cd '{{_folder.Path}}'
            onnxactnn() {
              if [[ "$*" == '{{Demo}}' ]]; then
                cp -r '{{DemoFolder.Value.Path}}/garments' .
              else
                dotnet '{{ToolProcess.Program}}' "$@"
              fi
            }
            {{example}}
            """]);
        run.ExitCode.Should().Be(0, $"of {page}\n{example}\n{run}");
        foreach (var line in example.Split('\n').Where(line => line.StartsWith(Expectation, StringComparison.Ordinal)))
            run.Output.Should().Contain(line[Expectation.Length..], $"{page} says so");
    }

    [Fact]
    public void Every_page_of_the_guide_has_one() =>
        PagesWithExamples.Where(page => Read(Path.Combine(Guide, page)).Count == 0).Should().BeEmpty();

    [Fact]
    public void Links_between_pages_lead_somewhere()
    {
        var links = from page in Pages()
                    from part in File.ReadAllText(page).Split("](").Skip(1)
                    let target = part[..part.IndexOf(')', StringComparison.Ordinal)].Split('#')[0]
                    where target.Length > 0 && !target.Contains("://", StringComparison.Ordinal)
                    where !Path.Exists(Path.Combine(Path.GetDirectoryName(page)!, target))
                    select $"{Path.GetFileName(page)}: {target}";
        links.Should().BeEmpty();
    }

    public void Dispose() => _folder.Dispose();

    private static string Guide => Path.Combine(SharedFolder.Repository, "docs");

    private static string[] Pages() => Directory.GetFiles(Guide, "*.md");

    private static List<string> Read(string page) =>
        [.. File.ReadAllText(page).Split(Start + "\n").Skip(1)
            .Select(part => part[..part.IndexOf(End, StringComparison.Ordinal)])];
}
