using Microsoft.ML.OnnxRuntime;

namespace OnnxActNN.CustomOps.Tests.Interop;

/// <summary>A session with the operators registered in process, and typed access to its tensors.</summary>
internal sealed class OperatorSession : IDisposable
{
    private readonly SessionOptions _options;
    private readonly InferenceSession _session;

    public OperatorSession(byte[] model, Action<SessionOptions>? configure = null, bool inProcess = true)
    {
        _options = new SessionOptions
        {
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        configure?.Invoke(_options);
        if (inProcess) _options.RegisterOnnxActNN();
        _session = new InferenceSession(model, _options);
    }

    public static OrtValue Tensor<T>(T[] elements, params long[] dimensions)
        where T : unmanaged => OrtValue.CreateTensorValueFromMemory(elements, dimensions);

    public SessionRun Run(params (string Name, OrtValue Value)[] inputs)
    {
        using var options = new RunOptions();
        string[] names = [.. inputs.Select(input => input.Name)];
        OrtValue[] values = [.. inputs.Select(input => input.Value)];
        return new SessionRun(_session.OutputNames, _session.Run(options, names, values, _session.OutputNames));
    }

    public void Dispose()
    {
        _session.Dispose();
        _options.Dispose();
    }
}
