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
        var model = new Argument<string>("MODEL") { Description = "A training graph (.onnx)." };
        var target = new Option<string>("--output", "-o") { Description = "File to write.", Required = true };
        var file = new Option<string?>("--profile")
        {
            Description = "The JSON file that a session of the result writes when it closes.",
        };
        var every = Every();
        var force = new Option<bool>("--force") { Description = "Replace what stands there." };
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

    /// <summary>Which share of the groups is measured.</summary>
    public static Option<int> Every()
    {
        var every = new Option<int>("--every")
        {
            Description = "Measure every n-th group, in each run others.",
            DefaultValueFactory = _ => 1,
        };
        every.Validators.Add(result =>
        {
            if (result.GetValue(every) < 1) result.AddError("--every is at least 1.");
        });
        return every;
    }
}
