#!/usr/bin/env bash
# Accuracy and peak memory on Fashion-MNIST, in float32 and packed: the table of docs/evidence.md.
#   scripts/fashion-mnist.sh [MODELS [CSV]]
# MODELS holds lenet and resnet-tiny as generate_artifacts writes them; runs that stand in CSV are not done again.
# Takes about two hours on one free core, nearly all of it for resnet-tiny.
set -euo pipefail
cd "$(dirname "$0")/.."
models=${1:-../shared/models/zoo/small} csv=${2:-artifacts/fashion-mnist.csv}

source scripts/fashion-mnist-data.sh
mkdir -p "$(dirname "$csv")"
dotnet build benchmarks/OnnxActNN.Benchmarks -c Release -v q --nologo
train() {
  benchmarks/OnnxActNN.Benchmarks/bin/Release/net10.0/OnnxActNN.Benchmarks fashion-mnist \
    --data "$data" --models "$models" --csv "$csv" --epochs 2 --seeds 3 --bits 32,8,4,2,1 "$@"
}
train --names lenet
train --names resnet-tiny
