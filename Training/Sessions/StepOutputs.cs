using System.Collections;
using Microsoft.ML.OnnxRuntime;

namespace OnnxActNN.Training.Sessions;

/// <summary>The outputs of a step that are the caller's; disposed with this.</summary>
internal sealed class StepOutputs(IReadOnlyList<OrtValue> values) : IDisposableReadOnlyCollection<OrtValue>
{
    public int Count => values.Count;

    public OrtValue this[int index] => values[index];

    public IEnumerator<OrtValue> GetEnumerator() => values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public void Dispose()
    {
        foreach (var value in values) value.Dispose();
    }
}
