using Microsoft.ML.OnnxRuntime;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.TestModels;
using OnnxActNN.Training.Checkpoints;
using OnnxActNN.Training.Runtime;

namespace OnnxActNN.Testing;

/// <summary>Loss and gradients of a test model in a plain session of the process's ONNX Runtime.</summary>
internal sealed class TestModelRun : IDisposable
{
    private readonly TestModel _model;
    private readonly GraphRun _run;
    private readonly Dictionary<string, OrtValue> _inputs = [];
    private readonly Dictionary<string, float[]> _buffers = [];

    /// <summary>Opens a session and makes the inputs of one step.</summary>
    /// <param name="model">The model; of <see cref="TestRuntime.Training"/> only where the process can train.</param>
    /// <param name="batch">Samples.</param>
    /// <param name="step">Step that the inputs belong to.</param>
    public TestModelRun(TestModel model, long batch, int step = 0)
    {
        _model = model;
        _run = new GraphRun(ModelWriter.Write(model.Build()), new SessionSettings { Threads = 1 });
        foreach (var input in model.Inputs)
        {
            _inputs[input.Name] = input.IsLabel
                ? OrtValue.CreateTensorValueFromMemory(input.Labels(batch, step), input.SizesAt(batch))
                : OrtValue.CreateTensorValueFromMemory(input.Floats(batch, step), input.SizesAt(batch));
        }
        foreach (var parameter in model.Parameters)
        {
            var values = Parameters[parameter.Name] = [.. parameter.Values];
            _inputs[parameter.Name] = OrtValue.CreateTensorValueFromMemory(values, [.. parameter.Sizes]);
            if (model.Runtime != TestRuntime.Training) continue;
            var buffer = _buffers[parameter.Name] = new float[values.Length];
            _inputs[parameter.Name + InputRoles.BufferSuffix] =
                OrtValue.CreateTensorValueFromMemory(buffer, [.. parameter.Sizes]);
        }
        if (model.Runtime == TestRuntime.Training)
            _inputs["lazy_reset_grad"] = OrtValue.CreateTensorValueFromMemory(new[] { true }, [1]);
    }

    /// <summary>The parameters' values: change them in place before the next <see cref="Run"/>.</summary>
    public Dictionary<string, float[]> Parameters { get; } = [];

    /// <summary>The model's parameters as a checkpoint.</summary>
    public static Checkpoint CheckpointOf(TestModel model) => new()
    {
        Trained =
        [
            .. model.Parameters.Select(parameter =>
                CheckpointTensor.FromFloats(parameter.Name, [.. parameter.Sizes], parameter.Values)),
        ],
    };

    /// <summary>One forward and backward pass.</summary>
    public (float Loss, IReadOnlyDictionary<string, float[]> Gradients) Run()
    {
        var isTraining = _model.Runtime == TestRuntime.Training;
        var names = isTraining ? [] : _model.Parameters.Select(TestModel.GradientOf).ToList();
        using var outputs = _run.Run(_inputs, [_model.LossOutput, .. names]);
        var gradients = isTraining
            ? _buffers.ToDictionary(buffer => buffer.Key, buffer => buffer.Value.ToArray())
            : _model.Parameters.Zip(outputs.Skip(1)).ToDictionary(
                pair => pair.First.Name, pair => pair.Second.GetTensorDataAsSpan<float>().ToArray());
        return (outputs[0].GetTensorDataAsSpan<float>()[0], gradients);
    }

    public void Dispose()
    {
        _run.Dispose();
        foreach (var value in _inputs.Values) value.Dispose();
    }
}
