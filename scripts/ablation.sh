#!/usr/bin/env bash
# ActNN's ablation on Fashion-MNIST: one width for all, widths per tensor, widths per group:
# gradient error, then test accuracy.
#   scripts/ablation.sh [MODELS [CSV [EPOCHS [SEEDS [SAMPLES]]]]]
# MODELS holds resnet-tiny as generate_artifacts writes it; runs that stand in CSV are not done again.
# The gradient error takes some 20 minutes of one core;
# an epoch of all samples a quarter of an hour for each of the 13 codes and each seed.
set -euo pipefail
cd "$(dirname "$0")/.."
models=${1:-../shared/models/zoo/small} csv=${2:-artifacts/ablation.csv}
epochs=${3:-2} seeds=${4:-3} samples=${5:-60000}
averages=1,1.25,1.5,2,4

source scripts/fashion-mnist-data.sh
mkdir -p "$(dirname "$csv")"
dotnet build benchmarks/OnnxActNN.Benchmarks -c Release -v q --nologo
benchmarks=benchmarks/OnnxActNN.Benchmarks/bin/Release/net10.0/OnnxActNN.Benchmarks
for rebuild in Chain None; do
  echo "rebuilt: $rebuild"
  "$benchmarks" ablation --data "$data" --model "$models/resnet-tiny" --bits "$averages" --rebuild "$rebuild"
done
"$benchmarks" fashion-mnist --data "$data" --models "$models" --names resnet-tiny --csv "$csv" \
  --epochs "$epochs" --seeds "$seeds" --samples "$samples" --bits 1,2,4 --planned "$averages" --per-group "$averages"
