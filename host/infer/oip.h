// The backend `oip`: a model on a server that speaks the Open Inference
// Protocol, version 2, over HTTP with binary tensors (Triton, KServe, OpenVINO
// Model Server, Seldon).
//
// The path is "http://host:port/v2/models/NAME" (or https). A call has ten
// seconds, less when it is cancelled; a connection that fails, or an answer
// that says "busy", is tried once more. After five calls in a row that came to
// nothing the circuit opens: calls fail at once for a second, twice as long
// each time up to a minute, then one is let through to see.
// Source: KServe, "Open Inference Protocol (V2)", and its binary tensor data
// extension. libcurl is looked for when the first model is loaded.
#ifndef LW_INFER_OIP_H
#define LW_INFER_OIP_H

#include "infer/backend.h" // lw_infer_backend

extern const lw_infer_backend lw_oip_backend;

#endif
