using System.Diagnostics;
using OnnxActNN.Training.Loops;
using Spectre.Console;

namespace OnnxActNN.Tools.Rendering;

/// <summary>A table on a terminal whose last rows change with every step.</summary>
internal sealed class LiveTrainTable : ITrainingListener
{
    /// <summary>Drawing costs more than a step of a small network.</summary>
    private static readonly TimeSpan LeastPause = TimeSpan.FromMilliseconds(100);

    private readonly Dictionary<(string Run, int Epoch), int> _rows = [];
    private readonly List<PlanChange> _plans = [];
    private readonly Stopwatch _sinceDrawn = Stopwatch.StartNew();
    private readonly Table _table;
    private readonly LiveDisplayContext _display;

    private LiveTrainTable(Table table, LiveDisplayContext display) => (_table, _display) = (table, display);

    /// <summary>Shows the table while <paramref name="train"/> runs, and leaves it there.</summary>
    /// <returns>What <paramref name="train"/> returns.</returns>
    public static bool Show(IAnsiConsole console, Func<ITrainingListener, bool> train)
    {
        var table = new Table().Border(TableBorder.None);
        foreach (var (title, width) in TrainRow.Columns)
            table.AddColumn(
                new TableColumn(title) { Alignment = width < 0 ? Justify.Left : Justify.Right, NoWrap = true });
        var live = console.Live(table).Overflow(VerticalOverflow.Crop).Cropping(VerticalOverflowCropping.Top)
            .AutoClear(true);
        LiveTrainTable? listener = null;
        var result = live.Start(display => train(listener = new LiveTrainTable(table, display)));
        // Once more as a whole: what is live shows no more rows than the terminal has.
        console.Write(table);
        foreach (var plan in listener?._plans ?? []) console.WriteLine($"{plan}");
        return result;
    }

    /// <inheritdoc/>
    public void OnStep(EpochResult soFar) => Set(soFar, draw: _sinceDrawn.Elapsed >= LeastPause);

    /// <inheritdoc/>
    public void OnEpoch(EpochResult result) => Set(result, draw: true);

    /// <summary>Kept for below the table.</summary>
    public void OnPlan(PlanChange change) => _plans.Add(change);

    private void Set(EpochResult result, bool draw)
    {
        var texts = TrainRow.Texts(result);
        if (_rows.TryAdd((result.Run, result.Epoch), _rows.Count))
        {
            _table.AddRow([.. texts.Select(text => new Text(text))]);
        }
        else
        {
            for (var column = 0; column < texts.Count; column++)
                _table.UpdateCell(_rows[(result.Run, result.Epoch)], column, new Text(texts[column]));
        }
        if (!draw) return;
        _display.Refresh();
        _sinceDrawn.Restart();
    }
}
