namespace OnnxActNN.Benchmarks.Zoo;

/// <summary>
/// The CSV file: rows that stand there are kept, so that a run that was cut off goes on where it was.
/// </summary>
internal sealed class ZooRows
{
    private readonly string _path;
    private readonly SortedDictionary<string, ZooRow> _rows = new(StringComparer.Ordinal);

    /// <exception cref="InvalidDataException">The file has other columns.</exception>
    public ZooRows(string path)
    {
        _path = path;
        if (!File.Exists(path)) return;
        var lines = File.ReadAllLines(path);
        if (lines is not [ZooRow.Header, ..]) throw new InvalidDataException($"'{path}' has other columns; remove it.");
        foreach (var row in lines.Skip(1).Select(ZooRow.Parse)) _rows[row.Model] = row;
    }

    public IEnumerable<ZooRow> All => _rows.Values;

    public ZooRow? Find(string model) => _rows.GetValueOrDefault(model);

    /// <summary>Adds or replaces a row and writes the file.</summary>
    public void Set(ZooRow row)
    {
        _rows[row.Model] = row;
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(_path))!);
        var next = _path + ".new";
        File.WriteAllLines(next, [ZooRow.Header, .. _rows.Values.Select(line => line.ToString())]);
        File.Move(next, _path, overwrite: true);
    }
}
