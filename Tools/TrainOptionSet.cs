using System.CommandLine;
using OnnxActNN.Tools.Commands;

namespace OnnxActNN.Tools;

/// <summary>The command-line form of <see cref="TrainRequest"/>.</summary>
internal sealed class TrainOptionSet
{
    private readonly Argument<string> _artifacts = new("ARTIFACTS")
    {
        Description = "A folder with training_model.onnx, checkpoint and the like.",
    };

    private readonly Option<string> _data = new("--data")
    {
        Description = "IDX, CSV or NPY: a folder (train-images-idx3-ubyte, train.csv, x.npy), or a file with its "
            + "labels beside it.",
        Required = true,
    };

    private readonly Option<int> _epochs = new("--epochs")
    {
        Description = "Passes over the samples.",
        DefaultValueFactory = _ => 1,
    };

    private readonly Option<int> _batch = new("--batch-size")
    {
        Description = "Samples per step.",
        DefaultValueFactory = _ => 32,
    };

    private readonly Option<string> _bits = new("--bits")
    {
        Description = "Bits per saved element: 1, 1.6, 2, 3, 4, 8, or 32 for float32.",
        DefaultValueFactory = _ => "2",
    };

    private readonly Option<float> _rate = new("--learning-rate")
    {
        Description = "Learning rate.",
        DefaultValueFactory = _ => 1e-3f,
    };

    private readonly Option<bool> _evaluate = new("--eval")
    {
        Description = "Evaluate after each epoch, with test samples or every tenth.",
    };

    private readonly Option<string?> _csv = new("--csv") { Description = "Write the table there too." };

    private readonly Option<ulong> _seed = new("--seed")
    {
        Description = "Seed of the samples' order and of the dither.",
        DefaultValueFactory = _ => 1,
    };

    private readonly Option<string> _save = new("--save")
    {
        Description = "Where the checkpoint goes.",
        DefaultValueFactory = _ => "trained.ckpt",
    };

    private readonly Option<string?> _resume = new("--resume")
    {
        Description = "Go on from a checkpoint that was saved; --epochs counts from the start.",
    };

    private readonly Option<bool> _compare = new("--compare")
    {
        Description = "Train float32 beside it, from the same start on the same batches.",
    };

    private readonly Option<int> _replanEvery = new("--replan-every")
    {
        Description = "Profile and plan the bits anew every so many epochs (0: the same bits for all tensors).",
    };

    private readonly Option<double?> _averageBits = new("--average-bits")
    {
        Description = "Code bits per element on average for --replan-every; those of --bits without it.",
    };

    private readonly Option<int> _threads = new("--threads") { Description = "Threads; 0 for one per core." };

    public TrainOptionSet()
    {
        _epochs.RequireAtLeast(1);
        _batch.RequireAtLeast(1);
        _replanEvery.RequireAtLeast(0);
        _averageBits.Require(value => value is not <= 0, "is above 0");
    }

    public void AddTo(Command command)
    {
        command.Arguments.Add(_artifacts);
        foreach (var option in new Option[]
        {
            _data, _epochs, _batch, _bits, _rate, _evaluate, _csv, _seed, _save, _resume, _compare, _threads,
            _replanEvery, _averageBits,
        })
        {
            command.Options.Add(option);
        }
    }

    public TrainRequest Read(ParseResult parsed) => new()
    {
        Artifacts = parsed.GetValue(_artifacts)!,
        Data = parsed.GetValue(_data)!,
        Epochs = parsed.GetValue(_epochs),
        BatchSize = parsed.GetValue(_batch),
        Bits = parsed.GetValue(_bits)!,
        LearningRate = parsed.GetValue(_rate),
        Evaluate = parsed.GetValue(_evaluate),
        Csv = parsed.GetValue(_csv),
        Seed = parsed.GetValue(_seed),
        Save = parsed.GetValue(_save)!,
        Resume = parsed.GetValue(_resume),
        Compare = parsed.GetValue(_compare),
        Threads = parsed.GetValue(_threads),
        ReplanEvery = parsed.GetValue(_replanEvery),
        AverageBits = parsed.GetValue(_averageBits),
    };
}
