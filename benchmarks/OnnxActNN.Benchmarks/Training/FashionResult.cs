using System.Globalization;

namespace OnnxActNN.Benchmarks.Training;

/// <summary>One training run, as a line of a CSV file.</summary>
internal sealed record FashionResult(
    string Model, string Run, int Seed, int Samples, int TestSamples, int Epochs, int BatchSize, double Loss,
    double TestLoss, double Accuracy, double SamplesPerSecond, long PeakBytes)
{
    public const string Header =
        "model,run,seed,samples,test_samples,epochs,batch_size,loss,test_loss,accuracy,samples_per_second,peak_bytes";

    /// <summary>Whether the other line is of the same run.</summary>
    public bool IsSameRun(FashionResult other) =>
        (Model, Run, Seed, Samples, TestSamples, Epochs, BatchSize)
        == (other.Model, other.Run, other.Seed, other.Samples, other.TestSamples, other.Epochs, other.BatchSize);

    public static FashionResult Parse(string line)
    {
        var fields = line.Split(',');
        return new FashionResult(
            fields[0], fields[1], Whole(2), Whole(3), Whole(4), Whole(5), Whole(6), Real(7), Real(8), Real(9), Real(10),
            long.Parse(fields[11], CultureInfo.InvariantCulture));

        int Whole(int index) => int.Parse(fields[index], CultureInfo.InvariantCulture);
        double Real(int index) => double.Parse(fields[index], CultureInfo.InvariantCulture);
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Model},{Run},{Seed},{Samples},{TestSamples},{Epochs},{BatchSize},{Loss:G7},{TestLoss:G7},{Accuracy:G7},"
        + $"{SamplesPerSecond:F0},{PeakBytes}");
}
