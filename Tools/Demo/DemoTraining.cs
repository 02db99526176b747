using OnnxActNN.Format;
using OnnxActNN.Rewriter;
using OnnxActNN.Rewriter.Lowering;
using OnnxActNN.TestModels;
using OnnxActNN.Training.Checkpoints;
using OnnxActNN.Training.Data;
using OnnxActNN.Training.Loops;
using OnnxActNN.Training.Measurement;
using OnnxActNN.Training.Runtime;

namespace OnnxActNN.Tools.Demo;

/// <summary>
/// A small network that learns drawn images twice from the same start, on the ONNX Runtime that the tool carries: in
/// float32, and with what it saves kept in 2 bits.
/// </summary>
/// <param name="folder">Where its files go: artifacts as of a training run.</param>
/// <param name="batch">Samples per step.</param>
internal sealed class DemoTraining(string folder, int batch)
{
    /// <summary>Images to train on.</summary>
    public const int TrainingImages = 1024;

    private const string ModelName = "garments";
    private const string CheckpointName = "checkpoint";
    private const int TestImages = 512;
    private const ulong Seed = 1;
    private const float LearningRate = 3e-3f;

    private readonly TestModel _model = TestModelCatalog.Find(ModelName);
    private readonly Dictionary<string, long> _dimensions = new() { [TestModel.BatchDimension] = batch };

    /// <summary>Convolutions of the network.</summary>
    public int Convolutions => _model.BuildForward().Graph.Nodes.Count(node => node.Operator.Type == "Conv");

    /// <summary>Trains both.</summary>
    /// <param name="epochs">Passes over the images.</param>
    /// <param name="listener">Takes the figures of each epoch.</param>
    /// <returns>What came of the two, float32 first.</returns>
    public IReadOnlyList<DemoRun> Run(int epochs, ITrainingListener listener)
    {
        WriteArtifacts();
        var files = TrainingArtifacts.Find(folder);
        var start = new ClassifierStart
        {
            Files = files,
            CheckpointPath = files.Checkpoint!,
            Seed = Seed,
            Evaluate = true,
            LearningRate = LearningRate,
        };
        using var float32 = start.Open(width: null);
        using var packed = start.Open(CodeWidth.TwoBits);
        var results = new CollectedResults();
        var images = new DrawnGarments(Seed);
        var samples = new SampleFiles(images.Samples(TrainingImages, step: 0), images.Samples(TestImages, step: 1));
        var both = new TrainingListeners(listener, results);
        new TrainingLoop(samples, batch, Seed).Run(
            [float32, packed], epochs, evaluate: true, both, CancellationToken.None);
        return [.. results.Epochs.TakeLast(2).Zip(Executions(), (last, execution) => new DemoRun(last, execution))];
    }

    private void WriteArtifacts()
    {
        TestModelFiles.Write(_model, folder, batch);
        TestModelFiles.WriteEvaluation(_model, folder);
        var parameters = _model.Parameters.Select(
            parameter => CheckpointTensor.FromFloats(parameter.Name, [.. parameter.Sizes], parameter.Values));
        CheckpointWriter.WriteFile(new Checkpoint { Trained = [.. parameters] }, Path.Combine(folder, CheckpointName));
    }

    /// <summary>What one step of each saves, and its liveness, in the order that ONNX Runtime executes.</summary>
    private IEnumerable<ExecutionMeasurement> Executions()
    {
        var original = Path.Combine(folder, TestModelFiles.Graph);
        var (lowered, packed) = (Path.Combine(folder, "lowered.onnx"), Path.Combine(folder, "packed.onnx"));
        GraphLowering.LowerFile(original).Save(lowered);
        TrainingGraphRewriter.RewriteFile(
            original, new RewriteOptions { Runtime = TargetRuntime.Stock, Seed = (long)Seed }).Save(packed);
        return new[] { lowered, packed }.Select(path => MeasureRunner.MeasureExecution(new MeasureRequest
        {
            Model = path,
            Runtime = MeasureRuntime.Stock,
            Dimensions = _dimensions,
            Entry = Path.Combine(folder, TestModelFiles.Entry),
        }));
    }
}
