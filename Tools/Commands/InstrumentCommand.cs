using System.CommandLine;
using System.Text.Json.Nodes;
using OnnxActNN.Rewriter;
using OnnxActNN.Tools.Rendering;

namespace OnnxActNN.Tools.Commands;

/// <summary><c>instrument MODEL -o OUT</c>: a training graph that measures what it saves, for Python and C++.</summary>
internal static class InstrumentCommand
{
    public static Command Create()
    {
        var model = CommonOptions.Model();
        var target = CommonOptions.Output();
        var file = new Option<string?>("--profile")
        {
            Description = "The JSON file that a session of the result writes when it closes.",
        };
        var every = CommonOptions.Every();
        var force = CommonOptions.Force();
        var json = CommonOptions.Json();
        var options = new RewriteOptionSet();
        var command = new Command(
            "instrument", "Puts nodes into a training graph that measure what it saves and its gradients.")
        {
            model, target, file, every, force, json,
        };
        options.AddTo(command);
        command.SetAction(parsed =>
        {
            var (source, path) = (parsed.GetValue(model)!, parsed.GetValue(target)!);
            OutputTarget.Check(source, path, parsed.GetValue(force));
            var result = TrainingGraphInstrumenter.InstrumentFile(source, new InstrumentOptions
            {
                Rewrite = options.Read(parsed),
                File = parsed.GetValue(file) is { } name ? Path.GetFullPath(name) : null,
                Every = parsed.GetValue(every),
            });
            result.Save(path);
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json))
            {
                JsonReport.Write(output, new JsonObject
                {
                    ["model"] = result.Fingerprint,
                    ["activations"] = result.Activations,
                    ["gradients"] = result.Gradients,
                });
            }
            else
            {
                output.WriteLine($"{result.Activations} saved tensors and {result.Gradients} gradients are measured.");
            }
            return ExitCode.Done;
        });
        return command;
    }
}
