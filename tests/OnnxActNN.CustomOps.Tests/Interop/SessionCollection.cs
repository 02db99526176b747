using Xunit;

namespace OnnxActNN.CustomOps.Tests.Interop;

/// <summary>Tests of sessions run one after the other: the count of copies is one for the process.</summary>
[CollectionDefinition(Name)]
public sealed class SessionCollection
{
    public const string Name = "sessions";
}
