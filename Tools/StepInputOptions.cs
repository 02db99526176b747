using System.CommandLine;
using OnnxActNN.Training.Data;
using OnnxActNN.Training.Feeds;
using OnnxActNN.Training.Measurement;

namespace OnnxActNN.Tools;

/// <summary>
/// What steps of a training graph take: parameters, inputs, sizes. Shared by the verbs that run some.
/// </summary>
internal sealed class StepInputOptions
{
    private readonly Option<string?> _checkpoint = CommonOptions.Checkpoint();

    private readonly Option<string?> _data = new("--data")
    {
        Description = "Samples and labels (IDX, CSV or NPY) as the inputs; without it --entry, else drawn "
            + "from the seed.",
    };

    private readonly Option<string?> _entry = new("--entry")
    {
        Description = "An entry.json whose formulas give the inputs.",
    };

    private readonly Option<ulong> _seed = new("--input-seed")
    {
        Description = "Seed of drawn parameters and inputs.",
        DefaultValueFactory = _ => 1,
    };

    private readonly Option<Dictionary<string, long>> _dimensions = CommonOptions.Dimensions();

    /// <param name="command">Gets the options.</param>
    /// <param name="hasDimensions">Whether to add <c>--dim</c> too; else another set has it.</param>
    public void AddTo(Command command, bool hasDimensions)
    {
        foreach (var option in new Option[] { _checkpoint, _data, _entry, _seed }) command.Options.Add(option);
        if (hasDimensions) command.Options.Add(_dimensions);
    }

    /// <summary>The model with its inputs.</summary>
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
    public MeasureInputs Read(ParseResult parsed, string model, IReadOnlyDictionary<string, long>? dimensions = null)
    {
        var request = new MeasureRequest
        {
            Model = model,
            Checkpoint = parsed.GetValue(_checkpoint),
            Entry = parsed.GetValue(_entry),
            Seed = parsed.GetValue(_seed),
            Dimensions = dimensions ?? parsed.GetValue(_dimensions) ?? [],
        };
        CommonOptions.RequireFiles(request.Checkpoint, request.Entry);
        return new MeasureInputs(
            request, parsed.GetValue(_data) is { } data ? new SampleFeeds(SampleFiles.Read(data).Train) : null);
    }
}
