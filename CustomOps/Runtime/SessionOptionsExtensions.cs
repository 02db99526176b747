using System.Runtime.CompilerServices;
using Microsoft.ML.OnnxRuntime;
using OnnxActNN.CustomOps.Interop;

namespace OnnxActNN.CustomOps;

/// <summary>Makes ONNX Runtime know the operators of OnnxActNN.</summary>
public static class SessionOptionsExtensions
{
    private static readonly ConditionalWeakTable<SessionOptions, object> Registered = [];
    private static readonly Lock Gate = new();

    /// <summary>
    /// Registers the operators of domain <c>ai.onnxactnn</c> for the sessions opened with these options: inference
    /// sessions and training sessions, from ONNX Runtime 1.16 on. They run in this process; no library of their own is
    /// loaded.
    /// </summary>
    /// <remarks>
    /// May be called again on the same options, and from several threads. Options that libonnxactnn is registered on as
    /// well open no session ("Domain already set in registry").
    /// </remarks>
    /// <exception cref="OperatorException">
    /// There is no native library, it is older than 1.16, or it refuses the operators.
    /// </exception>
    public static void RegisterOnnxActNN(this SessionOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        lock (Gate)
        {
            if (Registered.TryGetValue(options, out _)) return;
            InProcessOperators.Domain.AddTo(options.DangerousGetHandle());
            Registered.Add(options, Registered);
        }
        GC.KeepAlive(options);
    }
}
