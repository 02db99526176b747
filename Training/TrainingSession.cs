using Microsoft.ML.OnnxRuntime;
using OnnxActNN.Rewriter.Diagnostics;
using OnnxActNN.Rewriter.Lowering;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Training.Checkpoints;
using OnnxActNN.Training.Feeds;
using OnnxActNN.Training.Optimizers;
using OnnxActNN.Training.Sessions;

namespace OnnxActNN.Training;

/// <summary>
/// Trains ONNX Runtime's training artifacts on any current ONNX Runtime, which needs no training build: the method
/// names are those of <c>Microsoft.ML.OnnxRuntime.TrainingSession</c>, whose last native library is 1.19.2.
/// </summary>
/// <remarks>
/// <para>The training graph is lowered to standard operators when the session opens, and packed where
/// <see cref="TrainingSessionOptions.Rewrite"/> says so. Parameters and gradients stand in two blocks of host memory
/// that ONNX Runtime reads and writes in place. The optimizer is C# and works on the same blocks.</para>
/// <para>A step: <see cref="TrainStep"/>, once or several times, then <see cref="OptimizerStep"/> and
/// <see cref="LazyResetGrad"/>. Between the two, <see cref="Parameters"/> and <see cref="Gradients"/> are the caller's:
/// data-parallel training sums <c>Gradients.Flat</c> over its processes there, or in
/// <see cref="BeforeOptimizerStep"/>.</para>
/// <para>Unlike ONNX Runtime's own session, this one keeps the running statistics of batch normalization up to date, so
/// that evaluation and export see them; checkpoints hold them as frozen parameters.</para>
/// <para>Limits: trained parameters are float32 and at most 2 billion together; one thread at a time.</para>
/// </remarks>
public sealed class TrainingSession : IDisposable
{
    private readonly ModelState _model;
    private readonly BoundGraph _training;
    private readonly GradientBuffers _gradients;
    private readonly StatisticsUpdate _statistics;
    private readonly ParallelUpdate _parts;
    private readonly OptimizerState _optimizer;
    private readonly float? _largestNorm;
    private readonly EvalSession? _eval;
    private LinearSchedule? _schedule;
    private bool _overwrite = true;
    private bool _hasGradients;

    /// <summary>Opens the artifacts in a folder as <c>generate_artifacts</c> writes it.</summary>
    /// <param name="artifacts">
    /// Folder with training_model.onnx and checkpoint, and if there are any, eval_model.onnx and optimizer_model.onnx.
    /// </param>
    /// <param name="options">How to train; null takes the defaults: float32.</param>
    /// <exception cref="IOException">A file is missing or cannot be read.</exception>
    /// <inheritdoc cref="TrainingSession(Checkpoint, string, string?, string?, TrainingSessionOptions?)"/>
    public TrainingSession(string artifacts, TrainingSessionOptions? options = null)
        : this(SessionSource.Find(artifacts), options ?? new TrainingSessionOptions())
    {
    }

    /// <summary>Opens files, with parameters (and the optimizer's state, if there is one) from a checkpoint.</summary>
    /// <param name="state">The parameters; see <see cref="CheckpointReader"/>.</param>
    /// <param name="trainModelPath">The training graph.</param>
    /// <param name="evalModelPath">The evaluation graph; null if there is none.</param>
    /// <param name="optimizerModelPath">
    /// The optimizer graph, of which the attributes are read; null if there is none.
    /// </param>
    /// <param name="options">How to train; null takes the defaults: float32.</param>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="OnnxFormatException">A file is no ONNX model.</exception>
    /// <exception cref="CheckpointFormatException">The checkpoint file is damaged.</exception>
    /// <exception cref="LoweringException">The graph has operators that cannot be lowered.</exception>
    /// <exception cref="UnsupportedGraphException">The model is no training graph, or is rewritten already.</exception>
    /// <exception cref="TrainingSessionException">
    /// The files do not fit each other, or ONNX Runtime refuses a graph.
    /// </exception>
    public TrainingSession(
        Checkpoint state, string trainModelPath, string? evalModelPath = null, string? optimizerModelPath = null,
        TrainingSessionOptions? options = null)
        : this(SessionSource.Of(state, trainModelPath, evalModelPath, optimizerModelPath),
            options ?? new TrainingSessionOptions())
    {
    }

    /// <summary>Opens graphs held in memory.</summary>
    /// <param name="state">The parameters; see <see cref="CheckpointReader"/>.</param>
    /// <param name="trainModel">Content of the training graph's file.</param>
    /// <param name="evalModel">Content of the evaluation graph's file; empty if there is none.</param>
    /// <param name="optimizerModel">Content of the optimizer graph's file; empty if there is none.</param>
    /// <param name="options">How to train; null takes the defaults: float32.</param>
    /// <inheritdoc cref="TrainingSession(Checkpoint, string, string?, string?, TrainingSessionOptions?)"/>
    public TrainingSession(
        Checkpoint state, ReadOnlyMemory<byte> trainModel, ReadOnlyMemory<byte> evalModel = default,
        ReadOnlyMemory<byte> optimizerModel = default, TrainingSessionOptions? options = null)
        : this(SessionSource.Of(state, trainModel, evalModel, optimizerModel), options ?? new TrainingSessionOptions())
    {
    }

    private TrainingSession(SessionSource source, TrainingSessionOptions options)
    {
        var graph = StepGraph.Prepare(source.ReadTraining(), source.State, options.Rewrite);
        var settings = source.ReadOptimizer() is { } optimizerModel ? OptimizerSettings.Read(optimizerModel) : null;
        _model = new ModelState(source.State, [.. graph.GradientOf.Keys], graph.Statistics);
        try
        {
            _parts = new ParallelUpdate(_model.Layout, options.Session.Threads);
            _optimizer = new OptimizerState(
                options.Optimizer ?? settings?.Optimizer ?? new AdamW(), _model.Layout, _parts);
            if (source.State.OptimizerGroups is [var group, ..]) _optimizer.Load(group);
            _largestNorm = options.LargestGradientNorm ?? settings?.LargestGradientNorm;
            _training = new BoundGraph(
                "training", graph.Model, options.Session, _model.Values, graph.DataInputs, graph.Outputs);
            _statistics = new StatisticsUpdate(_model.Statistics, _model.StatisticsLayout, graph.StatisticOf);
            _gradients = new GradientBuffers(_training, graph.GradientOf, _model.Layout, _parts, _statistics);
            if (source.ReadEval is not null) _eval = new EvalSession(source.ReadEval, options, _model);
        }
        catch
        {
            _gradients?.Dispose();
            _statistics?.Dispose();
            _training?.Dispose();
            _model.Dispose();
            throw;
        }
        PackingReport = graph.Report;
        DataInputs = graph.DataTypes;
        Properties = source.State.Properties;
    }

    /// <summary>The trained parameters, float32, in the training graph's order: this very memory is trained.</summary>
    public TensorBlock Parameters => _model.Trained;

    /// <summary>
    /// The loss's derivatives by the parameters, summed over the steps since <see cref="LazyResetGrad"/>, in the layout
    /// of <see cref="Parameters"/>. May be changed before <see cref="OptimizerStep"/>.
    /// </summary>
    public TensorBlock Gradients => _gradients.Sum;

    /// <summary>
    /// Called first in each <see cref="OptimizerStep"/>, before clipping, with parameters and gradients: the place for
    /// an all-reduce.
    /// </summary>
    public Action<TensorBlock, TensorBlock>? BeforeOptimizerStep { get; set; }

    /// <summary>What the training loop keeps with its checkpoint, such as an epoch's number.</summary>
    public PropertyBag Properties { get; }

    /// <summary>Optimizer steps taken, those before the checkpoint included.</summary>
    public long Step => _optimizer.Step;

    /// <summary>What was decided for each saved tensor; null where nothing was to be packed.</summary>
    public SavedTensorReport? PackingReport { get; }

    /// <summary>Bytes that this session holds between steps.</summary>
    public TrainingMemory Memory => new(_model.Trained.Bytes, _model.FrozenBytes, _gradients.Bytes, _optimizer.Bytes);

    /// <summary>
    /// Norm of the whole gradient in the last <see cref="OptimizerStep"/>, before clipping; null where nothing is
    /// clipped.
    /// </summary>
    public double? LastGradientNorm { get; private set; }

    /// <summary>The caller's inputs of <see cref="TrainStep"/> as the graph declares them.</summary>
    internal IReadOnlyList<GraphInput> DataInputs { get; }

    /// <summary>Names of the caller's inputs, in the order that the steps take them.</summary>
    /// <param name="training">Of <see cref="TrainStep"/>, or of <see cref="EvalStep"/>.</param>
    /// <exception cref="TrainingSessionException">There is no evaluation graph.</exception>
    public IReadOnlyList<string> InputNames(bool training) => training ? _training.DataInputs : Eval.Graph.DataInputs;

    /// <summary>Names of the outputs, in the order that the steps return them; the first is the loss.</summary>
    /// <inheritdoc cref="InputNames"/>
    public IReadOnlyList<string> OutputNames(bool training) => training ? _training.Outputs : Eval.Graph.Outputs;

    /// <summary>
    /// One forward and backward pass; adds to the gradients, or overwrites them after <see cref="LazyResetGrad"/>.
    /// </summary>
    /// <param name="inputs">The caller's inputs, in the order of <see cref="InputNames"/>.</param>
    /// <returns>The outputs, in the order of <see cref="OutputNames"/>; the caller disposes them.</returns>
    /// <exception cref="TrainingSessionException">The inputs do not fit, or an operator fails.</exception>
    public IDisposableReadOnlyCollection<OrtValue> TrainStep(IReadOnlyCollection<OrtValue> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        var outputs = _gradients.Run(inputs, _overwrite);
        _statistics.Accept();
        (_overwrite, _hasGradients) = (false, true);
        return outputs;
    }

    /// <summary>Lets the next <see cref="TrainStep"/> overwrite the gradients; costs nothing.</summary>
    public void LazyResetGrad() => _overwrite = true;

    /// <summary>Loss and other outputs of the evaluation graph at the present parameters.</summary>
    /// <inheritdoc cref="TrainStep"/>
    /// <exception cref="TrainingSessionException">
    /// There is no evaluation graph, the inputs do not fit, or an operator fails.
    /// </exception>
    public IDisposableReadOnlyCollection<OrtValue> EvalStep(IReadOnlyCollection<OrtValue> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return Eval.Run(inputs);
    }

    /// <summary>Updates the parameters by the gradients.</summary>
    /// <exception cref="TrainingSessionException">There are no gradients yet.</exception>
    public void OptimizerStep()
    {
        if (!_hasGradients)
            throw new TrainingSessionException("There are no gradients yet; call TrainStep before OptimizerStep.");
        BeforeOptimizerStep?.Invoke(_model.Trained, _gradients.Sum);
        LastGradientNorm = _largestNorm is { } largest ? GradientClipping.Clip(_gradients.Sum, largest, _parts) : null;
        _optimizer.Apply(_model.Trained, _gradients.Sum);
    }

    /// <summary>Sets the learning rate; 0.001, or the checkpoint's, without it.</summary>
    public void SetLearningRate(float learningRate) => _optimizer.LearningRate = learningRate;

    /// <summary>The learning rate of the next <see cref="OptimizerStep"/>.</summary>
    public float GetLearningRate() => _optimizer.LearningRate;

    /// <summary>
    /// Prepares a learning rate that rises linearly over <paramref name="warmupStepCount"/> optimizer steps and then
    /// falls linearly, to zero after <paramref name="totalStepCount"/>. It takes effect with each
    /// <see cref="SchedulerStep"/>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A count is negative, or the rise is longer than the whole.
    /// </exception>
    public void RegisterLinearLRScheduler(long warmupStepCount, long totalStepCount, float initialLearningRate)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(warmupStepCount);
        ArgumentOutOfRangeException.ThrowIfLessThan(totalStepCount, warmupStepCount);
        _schedule = new LinearSchedule(warmupStepCount, totalStepCount, initialLearningRate);
        (_optimizer.InitialLearningRate, _optimizer.LearningRate) = (initialLearningRate, initialLearningRate);
    }

    /// <summary>Sets the learning rate that the schedule has after the optimizer steps taken.</summary>
    /// <exception cref="TrainingSessionException">No schedule is registered.</exception>
    public void SchedulerStep() => _optimizer.LearningRate = (_schedule ?? throw new TrainingSessionException(
        "No learning-rate schedule is registered; call RegisterLinearLRScheduler first.")).At(_optimizer.Step);

    /// <summary>The present state, in tensors of its own.</summary>
    /// <param name="includeOptimizerState">
    /// Whether to include moments and step count, without which training starts over.
    /// </param>
    public Checkpoint ToCheckpoint(bool includeOptimizerState = true) => _model.ToCheckpoint() with
    {
        OptimizerGroups = includeOptimizerState ? [_optimizer.ToGroup()] : [],
        Properties = Properties,
    };

    /// <summary>Writes the present state as a checkpoint file that ONNX Runtime 1.19.2 goes on from too.</summary>
    /// <inheritdoc cref="ToCheckpoint"/>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void SaveCheckpoint(string path, bool includeOptimizerState = true) =>
        CheckpointWriter.WriteFile(ToCheckpoint(includeOptimizerState), path);

    /// <summary>
    /// Writes the evaluation graph with the present parameters as constants, cut down to the wanted outputs.
    /// </summary>
    /// <param name="inferenceModelPath">File to write.</param>
    /// <param name="graphOutputNames">Outputs of the evaluation graph, or values within it, such as the logits.</param>
    /// <exception cref="TrainingSessionException">
    /// There is no evaluation graph, or it has no value of a wanted name.
    /// </exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void ExportModelForInferencing(string inferenceModelPath, IReadOnlyCollection<string> graphOutputNames)
    {
        ArgumentNullException.ThrowIfNull(graphOutputNames);
        var model = EvalGraph.Prepare(Eval.Read());
        InferenceExport.Apply(model, _model.ToCheckpoint(), graphOutputNames);
        ModelWriter.WriteFile(model, inferenceModelPath);
    }

    /// <summary>Ends the session. <see cref="Parameters"/> and <see cref="Gradients"/> stay readable.</summary>
    public void Dispose()
    {
        _eval?.Dispose();
        _gradients.Dispose();
        _statistics.Dispose();
        _training.Dispose();
        _model.Dispose();
    }

    private EvalSession Eval => _eval ?? throw new TrainingSessionException(
        "There is no evaluation graph; put eval_model.onnx beside the training graph, or give its path.");
}
