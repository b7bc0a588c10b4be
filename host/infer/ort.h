// The backend `onnxruntime`: any ONNX file, through the C API of ONNX Runtime,
// which is looked for when the first model is loaded (ort_api.h).
//
// One thread for a run, none spins; concurrency is several contexts. Providers
// are tried in the order given and the one that took the model is told:
// "cpu", "cuda", "cann", or a name that the library's build knows ("WebGPU",
// "OpenVINO", "MIGraphX", "XNNPACK", "QNN", ...).
#ifndef LW_INFER_ORT_H
#define LW_INFER_ORT_H

#include "infer/backend.h" // lw_infer_backend

extern const lw_infer_backend lw_ort_backend;

#endif
