using Microsoft.ML.OnnxRuntime;

namespace OnnxActNN.CustomOps.Tests.Interop;

/// <summary>The outputs of one run, by name.</summary>
internal sealed class SessionRun(IReadOnlyList<string> names, IDisposableReadOnlyCollection<OrtValue> values)
    : IDisposable
{
    public T[] Elements<T>(string name)
        where T : unmanaged => this[name].GetTensorDataAsSpan<T>().ToArray();

    public byte[] Bytes(string name) => this[name].GetTensorMutableRawData().ToArray();

    public long[] Dimensions(string name) => this[name].GetTensorTypeAndShape().Shape;

    public void Dispose() => values.Dispose();

    private OrtValue this[string name] => values[names.ToList().IndexOf(name)];
}
