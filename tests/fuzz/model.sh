#!/usr/bin/env bash
# Fuzz the readers of files from strangers under the sanitizers, each for some
# seconds (default 20); needs clang with libFuzzer (Debian: clang).
#   tests/fuzz/model.sh [SECONDS]
# Seeds are the models of tests/data/infer; what is found is kept below
# build/fuzz/model, and a crash ends with exit code 1.
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-20}
out=build/fuzz/model
mkdir -p "$out/corpus"
clang -g -O1 -std=gnu11 -D_GNU_SOURCE -Ihost \
  -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined \
  tests/fuzz/fuzz_model.c host/infer/{allow,chain,chain_layer,infer,json,net}.c \
  host/infer/{net_kernel,onnx,onnx_attr,proto,tensor,tiny,tiny_lightgbm}.c \
  host/infer/{tiny_onnx,tiny_xgboost,tree}.c tests/fuzz/registry.c \
  host/base/{err,grow,hash,str}.c host/dsp/isa.c -lsodium -lm -o "$out/fuzz_model"
mkdir -p "$out/seeds"
for model in tests/data/infer/*.onnx tests/data/infer/*.json tests/fuzz/seeds/*; do
  # Short ones mutate faster; the deep tree is longer than all others together.
  [ "$(stat -c %s "$model")" -gt 30000 ] || cp "$model" "$out/seeds/"
done
# Debian's libonnx-testdata has convolutions and pools along one dimension.
cases=/usr/share/libonnx-testdata/data/pytorch-converted
for name in Conv1d Conv1d_pad1 Conv1d_groups Conv1d_dilated MaxPool1d Linear; do
  [ ! -e "$cases/test_$name/model.onnx" ] ||
    cp "$cases/test_$name/model.onnx" "$out/seeds/$name.onnx"
done
"$out/fuzz_model" -max_total_time="$seconds" -max_len=40000 -timeout=5 \
  -rss_limit_mb=2048 -artifact_prefix="$out/" -print_final_stats=1 \
  -dict=tests/fuzz/model.dict "$out/corpus" "$out/seeds"
