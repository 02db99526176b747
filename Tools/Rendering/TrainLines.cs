using OnnxActNN.Training.Loops;

namespace OnnxActNN.Tools.Rendering;

/// <summary>One line per run and epoch, for pipes and files.</summary>
internal sealed class TrainLines : ITrainingListener
{
    private readonly TextWriter _output;

    public TrainLines(TextWriter output)
    {
        _output = output;
        Write(TrainRow.Columns.Select(column => column.Title));
    }

    /// <inheritdoc/>
    public void OnStep(EpochResult soFar)
    {
    }

    /// <inheritdoc/>
    public void OnEpoch(EpochResult result) => Write(TrainRow.Texts(result));

    /// <inheritdoc/>
    public void OnPlan(PlanChange change) => _output.WriteLine(change);

    private void Write(IEnumerable<string> texts) => _output.WriteLine(string.Concat(texts.Zip(
        TrainRow.Columns, (text, column) => column.Width < 0 ? text.PadRight(-column.Width) : text.PadLeft(
            column.Width))));
}
