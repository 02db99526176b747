namespace OnnxActNN.Tools.Diagnosing;

/// <summary>One thing that <c>doctor</c> looked at.</summary>
/// <param name="Subject">What was looked at.</param>
/// <param name="State">Whether it is as it should be.</param>
/// <param name="Detail">What was found.</param>
/// <param name="Fix">What to do about it; null where nothing needs to be done.</param>
internal sealed record Finding(string Subject, FindingState State, string Detail, string? Fix = null);
