using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OnnxActNN.Tools.Reporting;

/// <summary>The report's HTML: a template, styles and scripts from this assembly, with data filled in.</summary>
internal static class ReportPage
{
    private static readonly string[] Scripts = ["drawing.js", "timeline.js", "tensors.js", "curves.js", "page.js"];

    // The default encoder writes < as an escape, so that no text of a model can end the script element.
    private static readonly JsonSerializerOptions Layout = new() { Encoder = JavaScriptEncoder.Default };

    public static string Render(JsonObject data) => Resource("report.html")
        .Replace("{{style}}", Resource("report.css"), StringComparison.Ordinal)
        .Replace("{{script}}", string.Join('\n', Scripts.Select(Resource)), StringComparison.Ordinal)
        .Replace("{{data}}", data.ToJsonString(Layout), StringComparison.Ordinal);

    private static string Resource(string name)
    {
        using var stream = typeof(ReportPage).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
