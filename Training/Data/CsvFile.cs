using System.Globalization;

namespace OnnxActNN.Training.Data;

/// <summary>
/// Reads samples from a CSV file of numbers: one sample a line, its class in the column named <c>label</c>, or else in
/// the last.
/// </summary>
internal static class CsvFile
{
    private const string LabelColumn = "label";

    /// <exception cref="DataFormatException">A field is no number, or lines have different lengths.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static SampleSet Read(string path)
    {
        var lines = File.ReadAllLines(path).Where(line => line.Length > 0).ToList();
        var header = lines.Count > 0 && !TryParse(lines[0].Split(',')[0], out _) ? Fields(lines[0]) : null;
        if (header is not null) lines.RemoveAt(0);
        if (lines.Count == 0) throw new DataFormatException(path, "has no samples.");
        var columns = Fields(lines[0]).Length;
        var labelColumn = header is null
            ? -1
            : Array.FindIndex(header, name => name.Equals(LabelColumn, StringComparison.OrdinalIgnoreCase));
        if (labelColumn < 0) labelColumn = columns - 1;
        var values = new List<float>(lines.Count * (columns - 1));
        var labels = new long[lines.Count];
        for (var row = 0; row < lines.Count; row++)
        {
            var fields = Fields(lines[row]);
            if (fields.Length != columns)
                throw new DataFormatException(
                    path, $"sample {row + 1} has {fields.Length} fields in place of {columns}.");
            for (var column = 0; column < columns; column++)
            {
                if (!TryParse(fields[column], out var value))
                    throw new DataFormatException(
                        path, $"'{fields[column]}' in sample {row + 1}, column {column + 1}, is no number.");
                if (column == labelColumn) labels[row] = (long)value;
                else values.Add(value);
            }
        }
        return new SampleSet(path, new NumberArray([lines.Count, columns - 1], [.. values]), labels);
    }

    private static string[] Fields(string line) => line.Split(',', StringSplitOptions.TrimEntries);

    private static bool TryParse(string text, out float value) =>
        float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value);
}
