#!/usr/bin/env bash
# Saved bytes, peaks and step times of the large graphs,
# original and rewritten with the defaults: a table of docs/evidence.md.
#   scripts/large-graphs.sh [MODELS [CSV [NATIVE [WHAT]]]]
# MODELS holds a folder per graph, NATIVE ONNX Runtime 1.19.2 with training; graphs that it cannot run are lowered and
# run on the current one. WHAT is peaks, times (which want a machine that does nothing else) or all.
# What stands in CSV is not measured again.
set -euo pipefail
cd "$(dirname "$0")/.."
models=${1:-../shared/models/zoo/large} csv=${2:-artifacts/large-graphs.csv}
native=${3:-artifacts/ort-training} what=${4:-all}

if [[ ! -e $native/native/libonnxruntime.so ]]; then ../shared/ort-training/setup.sh "$native" native; fi
dotnet build benchmarks/OnnxActNN.Benchmarks -c Release -v q --nologo
benchmarks/OnnxActNN.Benchmarks/bin/Release/net10.0/OnnxActNN.Benchmarks zoo \
  --models "$models" --csv "$csv" --native "$native" --what "$what"
