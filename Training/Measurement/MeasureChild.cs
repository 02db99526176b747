using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using OnnxActNN.Rewriter.Diagnostics;
using OnnxActNN.Training.Runtime;

namespace OnnxActNN.Training.Measurement;

/// <summary>The inside of a measuring process: one request in, one reply out, both one line of JSON.</summary>
internal static class MeasureChild
{
    /// <summary>Before the reply's line, so that it is told from whatever native code prints.</summary>
    public const string ReplyMark = "onnxactnn-reply:";

    /// <summary>Answers the request that stands in <paramref name="input"/>; the process should end then.</summary>
    /// <param name="input">Holds the request.</param>
    /// <param name="output">Gets the reply.</param>
    /// <returns>Whether it was measured.</returns>
    public static bool Run(TextReader input, TextWriter output)
    {
        var request = JsonSerializer.Deserialize(input.ReadToEnd(), MeasureJson.Default.MeasureRequest)
            ?? throw new MeasureException("The request is empty.");
        var reply = Answer(request);
        output.WriteLine(ReplyMark + JsonSerializer.Serialize(reply, MeasureJson.Default.MeasureReply));
        output.Flush();
        return reply.Error is null;
    }

    private static MeasureReply Answer(MeasureRequest request)
    {
        try
        {
            if (request.LimitBytes is { } limit) DataLimit.Apply(limit);
            if (request.Library is not null) OrtLibrary.Use(request.Library);
            var reply = request.Kind == MeasureKind.Execution
                ? new MeasureReply { Execution = MeasureRunner.MeasureExecution(request) }
                : new MeasureReply { Steps = MeasureRunner.MeasureSteps(request) };
            return reply with { Library = OrtLibrary.Version };
        }
        catch (Exception reason) when (reason is OnnxActNNException or OnnxRuntimeException or IOException
                                           or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return new MeasureReply { Error = reason.Message, IsOutOfMemory = DataLimit.IsRefusal(reason) };
        }
        catch (OutOfMemoryException reason)
        {
            return new MeasureReply { Error = reason.Message, IsOutOfMemory = true };
        }
    }
}
