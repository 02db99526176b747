#!/usr/bin/env bash
# Plans that save twelve times what transformers keep for the backward pass,
# and the gradient error that they add: a table of docs/evidence.md.
#   scripts/transformers.sh [MODELS [RATIO [SEEDS [NAMES...]]]]
# MODELS holds a folder per graph, with training_model.onnx, checkpoint and entry.json.
set -euo pipefail
cd "$(dirname "$0")/.."
models=${1:-../shared/models/zoo/small} ratio=${2:-12} seeds=${3:-128}
names=("${@:4}")
if ((${#names[@]} == 0)); then names=(bert-tiny vit-tiny gpt2-tiny); fi

dotnet build Tools -c Release -v q --nologo
tool=Tools/bin/Release/net10.0/onnxactnn
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for name in "${names[@]}"; do
  model=$models/$name/training_model.onnx entry=$models/$name/entry.json
  echo "== $name"
  "$tool" profile "$model" --entry "$entry" --probes 16 --rebuild product --metadata EightBits \
    -o "$work/profile.json" >/dev/null
  "$tool" plan "$model" --profile "$work/profile.json" --saved-ratio "$ratio" --rebuild product --metadata EightBits \
    -o "$work/plan.json" | tail -2
  "$tool" rewrite "$model" --plan "$work/plan.json" --force -o "$work/packed.onnx" | tail -1
  "$tool" verify "$model" "$work/packed.onnx" --entry "$entry" --seeds "$seeds" >"$work/verify.txt" || true
  tail -3 "$work/verify.txt"
  echo "Largest z: $(awk '$NF ~ /^[0-9.]+$/ && NF > 4 && $NF > z { z = $NF } END { print z }' "$work/verify.txt")"
done
