using System.Globalization;
using OnnxActNN.Training.Loops;

namespace OnnxActNN.Tools.Rendering;

/// <summary>One line per run and epoch as training goes, and the same in full precision as CSV.</summary>
internal sealed class TrainTable : IDisposable
{
    private readonly TextWriter _output;
    private readonly StreamWriter? _csv;

    public TrainTable(TextWriter output, string? csvPath)
    {
        _output = output;
        _output.WriteLine($"{"run",-10}{"epoch",6}{"step",8}{"loss",10}{"eval loss",11}{"accuracy",10}{"samples/s",11}{"peak",10}");
        if (csvPath is null) return;
        _csv = new StreamWriter(csvPath);
        _csv.WriteLine("run,epoch,step,loss,eval_loss,accuracy,samples_per_second,peak_bytes");
    }

    public void Add(EpochResult result)
    {
        var culture = CultureInfo.InvariantCulture;
        var accuracy = result.Accuracy is { } share ? (100 * share).ToString("F2", culture) + " %" : "–";
        _output.WriteLine(string.Create(
            culture,
            $"{result.Run,-10}{result.Epoch,6}{result.Step,8}{result.Loss,10:F4}{result.EvalLoss?.ToString("F4", culture) ?? "–",11}{accuracy,10}{result.SamplesPerSecond,11:F0}{ByteText.Of(result.PeakBytes),10}"));
        _csv?.WriteLine(string.Create(
            culture,
            $"{result.Run},{result.Epoch},{result.Step},{result.Loss},{result.EvalLoss},{result.Accuracy},{result.SamplesPerSecond},{result.PeakBytes}"));
        _csv?.Flush();
    }

    public void Dispose() => _csv?.Dispose();
}
