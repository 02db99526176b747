using System.Globalization;
using System.Text;
using OnnxActNN.Training.Prediction;

namespace OnnxActNN.Tools.Exporting;

/// <summary>A prediction as tables of comma-separated values: quoted as in RFC 4180, lines ending in LF.</summary>
internal static class CsvExport
{
    /// <summary>One line per buffer.</summary>
    public static byte[] Buffers(MemoryPrediction prediction)
    {
        var text = new StringBuilder("name,category,bytes,first_step,last_step,first_node,last_node\n");
        foreach (var buffer in prediction.Buffers)
        {
            text.AppendJoin(',',
                Quote(buffer.Name), Name(buffer.Category), Number(buffer.Bytes), Number(buffer.First),
                Number(buffer.Last),
                Quote(prediction.Steps[buffer.First].Node), Quote(prediction.Steps[buffer.Last].Node)).Append('\n');
        }
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>One line per step.</summary>
    public static byte[] Timeline(MemoryPrediction prediction)
    {
        var categories = Enum.GetValues<MemoryCategory>();
        var columns = Array.ConvertAll(categories, prediction.BytesAt);
        var text = new StringBuilder($"step,node,operator,pass,{string.Join(',', categories.Select(Name))},total\n");
        for (var step = 0; step < prediction.Steps.Count; step++)
        {
            var at = step;
            text.AppendJoin(',',
            [
                Number(step), Quote(prediction.Steps[step].Node), Quote(prediction.Steps[step].Operator),
                step < prediction.FirstBackward ? "forward" : "backward",
                .. columns.Select(column => Number(column[at])), Number(columns.Sum(column => column[at])),
            ]).Append('\n');
        }
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static string Name(MemoryCategory category) => category.ToString().ToLowerInvariant();

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Quote(string text) =>
        text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
