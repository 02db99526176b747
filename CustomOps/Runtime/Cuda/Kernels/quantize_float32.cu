#include "quantize_kernels.cuh"

QUANTIZE_KERNELS(Float32Element, float32)
