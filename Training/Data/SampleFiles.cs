namespace OnnxActNN.Training.Data;

/// <summary>Finds and reads the files of a data set: samples to train on, and samples to evaluate with.</summary>
/// <remarks>
/// A folder may hold IDX files as of MNIST (<c>train-images-idx3-ubyte</c>, <c>t10k-labels-idx1-ubyte</c>, plain or
/// .gz); <c>x.npy</c>, <c>y.npy</c>, <c>x_test.npy</c>, <c>y_test.npy</c>; or <c>train.csv</c>, <c>test.csv</c>. A file
/// stands for itself, with the labels beside it.
/// </remarks>
internal sealed record SampleFiles(SampleSet Train, SampleSet Test)
{
    /// <summary>Where there are no samples to evaluate with, every tenth sample is kept back.</summary>
    private const int HeldBack = 10;

    private const string Images = "images-idx3";

    /// <summary>
    /// Reads a data set. Bytes of IDX files are scaled to mean 0 and deviation 1 over the training samples; other
    /// numbers stay.
    /// </summary>
    /// <exception cref="FileNotFoundException">
    /// There is no such file, or the folder holds none of the known names.
    /// </exception>
    /// <exception cref="DataFormatException">A file is damaged or not supported.</exception>
    public static SampleFiles Read(string path)
    {
        var (trainPath, testPath) = File.Exists(path) ? (path, null) : Find(path);
        var train = ReadFile(trainPath);
        var test = testPath is null ? null : ReadFile(testPath);
        if (Path.GetFileName(trainPath).Contains(Images, StringComparison.Ordinal)) Standardize(train, test);
        return test is null ? HoldBack(train) : new SampleFiles(train, test);
    }

    private static (string Train, string? Test) Find(string folder)
    {
        foreach (var (train, test) in (ReadOnlySpan<(string, string)>)
            [("train-images-idx3-ubyte", "t10k-images-idx3-ubyte"), ("x.npy", "x_test.npy"), ("train.csv", "test.csv")])
        {
            if (Existing(folder, train) is { } found) return (found, Existing(folder, test));
        }
        throw new FileNotFoundException(
            $"'{folder}' holds no train-images-idx3-ubyte(.gz), no x.npy and no train.csv.", folder);
    }

    private static SampleSet ReadFile(string path)
    {
        var name = Path.GetFileName(path);
        if (name.EndsWith(".csv", StringComparison.Ordinal)) return CsvFile.Read(path);
        var isNumPy = name.EndsWith(".npy", StringComparison.Ordinal);
        var labels = isNumPy ? 'y' + name[1..] : name.Replace(Images, "labels-idx1", StringComparison.Ordinal);
        if (labels == name || (isNumPy && name[0] != 'x'))
            throw new DataFormatException(path, "has no labels; name it x.npy, ...-images-idx3-ubyte or ....csv.");
        Func<string, NumberArray> read = isNumPy ? NpyFile.Read : IdxFile.Read;
        return new SampleSet(path, read(path),
            Array.ConvertAll(read(Path.Combine(Path.GetDirectoryName(path)!, labels)).Values, x => (long)x));
    }

    private static SampleFiles HoldBack(SampleSet all)
    {
        var isTest = Enumerable.Range(0, all.Count).ToLookup(index => index % HeldBack == HeldBack - 1);
        return isTest[true].Any()
            ? new SampleFiles(all.Take([.. isTest[false]]), all.Take([.. isTest[true]]))
            : new SampleFiles(all, all);
    }

    private static void Standardize(SampleSet train, SampleSet? test)
    {
        var mean = train.Values.Average(x => (double)x);
        var deviation = Math.Sqrt(train.Values.Average(x => (x - mean) * (x - mean)));
        foreach (var values in new[] { train.Values, test?.Values }.OfType<float[]>())
        {
            for (var i = 0; i < values.Length; i++) values[i] = (float)((values[i] - mean) / deviation);
        }
    }

    private static string? Existing(string folder, string name) =>
        new[] { name, name + ".gz" }.Select(each => Path.Combine(folder, each)).FirstOrDefault(File.Exists);
}
