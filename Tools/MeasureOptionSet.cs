using System.CommandLine;
using OnnxActNN.Training.Measurement;

namespace OnnxActNN.Tools;

/// <summary>The command-line form of <see cref="MeasureRequest"/>, for the verbs that measure.</summary>
internal sealed class MeasureOptionSet
{
    private readonly Option<Dictionary<string, long>> _dimensions = CommonOptions.Dimensions();

    private readonly Option<string?> _checkpoint = CommonOptions.Checkpoint();

    private readonly Option<string?> _entry = new("--entry")
    {
        Description = "An entry.json whose formulas give the inputs; without it they are drawn from the seed.",
    };

    private readonly Option<int> _steps;

    private readonly Option<MeasureRuntime> _runtime = new("--runtime")
    {
        Description = "training: a training session with optimizer steps. stock: a plain session.",
        DefaultValueFactory = _ => MeasureRuntime.Training,
    };

    private readonly Option<string?> _library = new("--ort-library")
    {
        Description = "Folder of the native ONNX Runtime; without it the application's own.",
    };

    private readonly Option<int> _threads = CommonOptions.Threads();

    private readonly Option<bool> _arena = new("--arena")
    {
        Description = "Leave ONNX Runtime's arena on; it hides freed memory from the measured peak.",
    };

    private readonly Option<ulong> _seed = new("--seed")
    {
        Description = "Seed of drawn parameters and inputs.",
        DefaultValueFactory = _ => 1,
    };

    /// <param name="steps">Steps where the command line does not say.</param>
    public MeasureOptionSet(int steps = 5)
    {
        _steps = new Option<int>("--steps")
        {
            Description = "Steps that are timed, after one that is not.",
            DefaultValueFactory = _ => steps,
        };
        _steps.RequireAtLeast(1);
    }

    public void AddTo(Command command)
    {
        foreach (var option in new Option[]
        {
            _dimensions, _checkpoint, _entry, _steps, _runtime, _library, _threads, _arena, _seed,
        })
        {
            command.Options.Add(option);
        }
    }

    public MeasureRequest Read(ParseResult parsed, string model) => new()
    {
        Model = Path.GetFullPath(model),
        Runtime = parsed.GetValue(_runtime),
        Library = parsed.GetValue(_library),
        Dimensions = parsed.GetValue(_dimensions) ?? [],
        Checkpoint = parsed.GetValue(_checkpoint) ?? CheckpointBeside(model),
        Entry = parsed.GetValue(_entry),
        Steps = parsed.GetValue(_steps),
        Seed = parsed.GetValue(_seed),
        Threads = parsed.GetValue(_threads),
        Arena = parsed.GetValue(_arena),
    };

    /// <exception cref="FileNotFoundException">A file that the request names is not there.</exception>
    public static void RequireFiles(MeasureRequest request, IEnumerable<string> models) =>
        CommonOptions.RequireFiles([.. models, request.Checkpoint, request.Entry]);

    /// <summary>The checkpoint of the original serves the rewritten graph too, which may lie elsewhere.</summary>
    private static string? CheckpointBeside(string model)
    {
        var beside = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(model))!, "checkpoint");
        return File.Exists(beside) ? beside : null;
    }
}
