using System.Globalization;
using OnnxActNN.Training.Loops;

namespace OnnxActNN.Tools.Rendering;

/// <summary>
/// One line per run and epoch, in full precision; written through, so that it is complete whenever training ends.
/// </summary>
internal sealed class TrainCsv : ITrainingListener, IDisposable
{
    private readonly StreamWriter _file;

    /// <exception cref="IOException">The file cannot be written.</exception>
    public TrainCsv(string path)
    {
        _file = new StreamWriter(path) { AutoFlush = true };
        _file.WriteLine("run,epoch,step,loss,eval_loss,accuracy,samples_per_second,peak_bytes");
    }

    /// <inheritdoc/>
    public void OnStep(EpochResult soFar)
    {
    }

    /// <inheritdoc/>
    public void OnEpoch(EpochResult result) => _file.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{result.Run},{result.Epoch},{result.Step},{result.Loss},{result.EvalLoss},{result.Accuracy},"
        + $"{result.SamplesPerSecond},{result.PeakBytes}"));

    public void Dispose() => _file.Dispose();
}
