namespace OnnxActNN.CustomOps.Interop;

/// <summary>
/// Positions in the table of functions that ONNX Runtime calls OrtApi, under their C names. The table only grows at its
/// end, so a position never changes. Source: the order of declarations in onnxruntime_c_api.h of release 1.31.1.
/// </summary>
internal enum OrtApiSlot
{
    CreateStatus = 0,
    GetErrorMessage = 2,
    CreateSession = 7,
    CreateCustomOpDomain = 26,
    CustomOpDomain_Add = 27,
    AddCustomOpDomain = 28,
    GetTensorMutableData = 51,
    GetTensorElementType = 60,
    GetDimensionsCount = 61,
    GetDimensions = 62,
    GetTensorTypeAndShape = 65,
    CreateCpuMemoryInfo = 69,
    KernelInfoGetAttribute_float = 85,
    KernelInfoGetAttribute_int64 = 86,
    KernelInfoGetAttribute_string = 87,
    KernelContext_GetInput = 90,
    KernelContext_GetOutput = 91,
    ReleaseStatus = 93,
    ReleaseSession = 95,
    ReleaseTensorTypeAndShapeInfo = 99,

    /// <summary>Since 1.9.</summary>
    KernelInfoGetAttributeArray_int64 = 163,

    /// <summary>Since 1.11.</summary>
    RegisterAllocator = 176,

    /// <summary>Since 1.12; gives a CUstream.</summary>
    KernelContext_GetGPUComputeStream = 193,

    /// <summary>Since 1.14; gives null where the release cannot train.</summary>
    GetTrainingApi = 219,

    /// <summary>Since 1.15.</summary>
    KernelInfo_GetNodeName = 244,

    /// <summary>Since 1.17.</summary>
    KernelContext_ParallelFor = 274,

    /// <summary>Since 1.22.</summary>
    GetKeyValuePairs = 298,

    /// <summary>Since 1.22.</summary>
    ReleaseKeyValuePairs = 300,

    /// <summary>Since 1.23.</summary>
    AllocatorGetStats = 319,
}
