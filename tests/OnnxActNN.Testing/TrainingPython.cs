namespace OnnxActNN.Testing;

/// <summary>Python with onnxruntime-training 1.19.2, as its users have it.</summary>
internal static class TrainingPython
{
    /// <summary>
    /// The interpreter. Skips the running test where Python 3.11 or the shared folder is missing (fails it where
    /// CI=true).
    /// </summary>
    public static string Interpreter
    {
        get
        {
            Requirement.Program(["python3.11"], "python3.11, with python3.11-venv");
            var script = SharedFolder.PathTo("ort-training", "setup.sh");
            var folder = PreparedFolder.Get("ort-training-python", folder =>
            {
                var setup = ChildProcess.Run("bash", [script, folder, "python"]);
                if (setup.ExitCode != 0) throw new InvalidOperationException($"{script} failed: {setup}");
            });
            return Path.Combine(folder, "python", "bin", "python");
        }
    }
}
