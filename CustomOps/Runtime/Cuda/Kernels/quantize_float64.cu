#include "quantize_kernels.cuh"

QUANTIZE_KERNELS(Float64Element, float64)
