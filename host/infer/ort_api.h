// The part of ONNX Runtime's C API that we call, so that building needs no
// header of it. The API is one table whose order never changes; a slot number
// is an entry's place in it. Source: onnxruntime_c_api.h, version 21, checked
// entry by entry in tests/c/infer/test_ort_slots.c where that header is there.
#ifndef LW_INFER_ORT_API_H
#define LW_INFER_ORT_API_H

#include <stddef.h> // size_t
#include <stdint.h> // int64_t

#include "base/err.h" // lw_err

#define LW_ORT_VERSION 21 // of the table we ask for; any library from 1.21 on

// Element types, OrtMem..., ORT_...: the numbers of the header.
enum {
  LW_ORT_LOG_ERROR = 3,
  LW_ORT_LOG_FATAL = 4,
  LW_ORT_OPTIMISE_ALL = 99,
  LW_ORT_BAD_FILE = 7,
  LW_ORT_ARENA = 1,
  LW_ORT_MEM_DEFAULT = 0
};

typedef void *lw_ort_status; // NULL is success

typedef void (*lw_ort_logger)(void *arg, int severity, const char *category,
                              const char *id, const char *place,
                              const char *message);

// X(slot, name in the header, our name, parameters): those that give a status
#define LW_ORT_CALLS(X)                                                        \
  X(4, CreateEnvWithCustomLogger, env_new,                                     \
    (lw_ort_logger logger, void *arg, int level, const char *id, void **env))  \
  X(8, CreateSessionFromArray, session_new,                                    \
    (void *env, const void *data, size_t n, void *options, void **session))    \
  X(10, CreateSessionOptions, options_new, (void **options))                   \
  X(23, SetSessionGraphOptimizationLevel, set_optimise,                        \
    (void *options, int level))                                                \
  X(24, SetIntraOpNumThreads, set_threads, (void *options, int n))             \
  X(25, SetInterOpNumThreads, set_graph_threads, (void *options, int n))       \
  X(130, AddSessionConfigEntry, set_entry,                                     \
    (void *options, const char *key, const char *value))                       \
  X(30, SessionGetInputCount, input_count, (void *session, size_t *n))         \
  X(31, SessionGetOutputCount, output_count, (void *session, size_t *n))       \
  X(33, SessionGetInputTypeInfo, input_type,                                   \
    (void *session, size_t i, void **info))                                    \
  X(34, SessionGetOutputTypeInfo, output_type,                                 \
    (void *session, size_t i, void **info))                                    \
  X(36, SessionGetInputName, input_name,                                       \
    (void *session, size_t i, void *allocator, char **name))                   \
  X(37, SessionGetOutputName, output_name,                                     \
    (void *session, size_t i, void *allocator, char **name))                   \
  X(39, CreateRunOptions, run_options_new, (void **options))                   \
  X(46, RunOptionsSetTerminate, terminate, (void *options))                    \
  X(47, RunOptionsUnsetTerminate, unterminate, (void *options))                \
  X(48, CreateTensorAsOrtValue, value_own,                                     \
    (void *allocator, const int64_t *dims, size_t dim_n, int type,             \
     void **value))                                                            \
  X(49, CreateTensorWithDataAsOrtValue, value_over,                            \
    (void *memory, void *data, size_t bytes, const int64_t *dims,              \
     size_t dim_n, int type, void **value))                                    \
  X(50, IsTensor, is_tensor, (void *value, int *is))                           \
  X(51, GetTensorMutableData, value_data, (void *value, void **data))          \
  X(52, FillStringTensor, fill_text,                                           \
    (void *value, const char *const *texts, size_t n))                         \
  X(53, GetStringTensorDataLength, text_bytes, (void *value, size_t *n))       \
  X(54, GetStringTensorContent, text_content,                                  \
    (void *value, void *to, size_t bytes, size_t *places, size_t n))           \
  X(55, CastTypeInfoToTensorInfo, tensor_of_type, (void *info, void **tensor)) \
  X(60, GetTensorElementType, element_type, (void *tensor, int *type))         \
  X(61, GetDimensionsCount, dim_count, (void *tensor, size_t *n))              \
  X(62, GetDimensions, dims, (void *tensor, int64_t *dims, size_t n))          \
  X(65, GetTensorTypeAndShape, tensor_of_value, (void *value, void **tensor))  \
  X(69, CreateCpuMemoryInfo, memory_new, (int kind, int type, void **memory))  \
  X(76, AllocatorFree, allocator_free, (void *allocator, void *p))             \
  X(78, GetAllocatorWithDefaultOptions, get_allocator, (void **allocator))     \
  X(133, RunWithBinding, run, (void *session, void *options, void *binding))   \
  X(134, CreateIoBinding, binding_new, (void *session, void **binding))        \
  X(136, BindInput, bind_input,                                                \
    (void *binding, const char *name, void *value))                            \
  X(137, BindOutput, bind_output,                                              \
    (void *binding, const char *name, void *value))                            \
  X(138, BindOutputToDevice, bind_output_memory,                               \
    (void *binding, const char *name, void *memory))                           \
  X(140, GetBoundOutputValues, bound_outputs,                                  \
    (void *binding, void *allocator, void ***values, size_t *n))               \
  X(205, CreateCUDAProviderOptions, cuda_new, (void **options))                \
  X(204, SessionOptionsAppendExecutionProvider_CUDA_V2, add_cuda,              \
    (void *options, void *cuda))                                               \
  X(216, SessionOptionsAppendExecutionProvider, add_provider,                  \
    (void *options, const char *name, const char *const *keys,                 \
     const char *const *values, size_t n))                                     \
  X(221, CreateCANNProviderOptions, cann_new, (void **options))                \
  X(220, SessionOptionsAppendExecutionProvider_CANN, add_cann,                 \
    (void *options, void *cann))

// The same for those that give nothing.
#define LW_ORT_VOIDS(X)                                                        \
  X(92, ReleaseEnv, env_free, (void *env))                                     \
  X(93, ReleaseStatus, status_free, (lw_ort_status status))                    \
  X(94, ReleaseMemoryInfo, memory_free, (void *memory))                        \
  X(95, ReleaseSession, session_free, (void *session))                         \
  X(96, ReleaseValue, value_free, (void *value))                               \
  X(97, ReleaseRunOptions, run_options_free, (void *options))                  \
  X(98, ReleaseTypeInfo, type_free, (void *info))                              \
  X(99, ReleaseTensorTypeAndShapeInfo, tensor_free, (void *tensor))            \
  X(100, ReleaseSessionOptions, options_free, (void *options))                 \
  X(135, ReleaseIoBinding, binding_free, (void *binding))                      \
  X(141, ClearBoundInputs, clear_inputs, (void *binding))                      \
  X(142, ClearBoundOutputs, clear_outputs, (void *binding))                    \
  X(208, ReleaseCUDAProviderOptions, cuda_free, (void *cuda))                  \
  X(224, ReleaseCANNProviderOptions, cann_free, (void *cann))

typedef struct lw_ort_api {
  const char *version, *path; // of the library in use
  void *env, *allocator, *memory;
  int (*code)(lw_ort_status status);            // slot 1, GetErrorCode
  const char *(*message)(lw_ort_status status); // slot 2, GetErrorMessage
#define LW_ORT_CALL_FIELD(slot, theirs, ours, params)                          \
  lw_ort_status(*ours) params;
  LW_ORT_CALLS(LW_ORT_CALL_FIELD)
#undef LW_ORT_CALL_FIELD
#define LW_ORT_VOID_FIELD(slot, theirs, ours, params) void(*ours) params;
  LW_ORT_VOIDS(LW_ORT_VOID_FIELD)
#undef LW_ORT_VOID_FIELD
} lw_ort_api;

// The library, loaded on first use and kept. Looked for in: $LW_ONNXRUNTIME,
// lib/linewright or build/onnxruntime near the program, the system's folders.
// NULL with LW_E_NOTFOUND and what to install.
const lw_ort_api *lw_ort(lw_err *e);

// Frees the status. 0, or code with "what: its message".
int lw_ort_check(const lw_ort_api *ort, lw_ort_status status, int code,
                 const char *what, lw_err *e);

#endif
