namespace OnnxActNN.CustomOps.Interop;

/// <summary>The kinds of error that these operators report, with ONNX Runtime's numbers.</summary>
internal enum OrtErrorCode
{
    Fail = 1,
    InvalidArgument = 2,
    RuntimeException = 6,
}
