#include "quantize_kernels.cuh"

QUANTIZE_KERNELS(Float16Element, float16)
