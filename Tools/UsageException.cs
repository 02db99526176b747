namespace OnnxActNN.Tools;

/// <summary>Options that parse and do not fit together. The message says which, and what would fit.</summary>
internal sealed class UsageException(string message) : Exception(message);
