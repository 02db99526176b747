#!/usr/bin/env bash
# Largest error of each recipe and each graph: the two tables of docs/lowering.md.
# Needs ../shared, as the tests it runs.
set -euo pipefail
cd "$(dirname "$0")/.."
tests=tests/OnnxActNN.EndToEnd.Tests
dotnet build $tests -c Release -v q --nologo > /dev/null
$tests/bin/Release/net10.0/OnnxActNN.EndToEnd.Tests --xunit-diagnostics on \
  --filter-class "*Lowering.RecipeTests" --filter-class "*LoweredGradientTests" |
  awk 'NF == 2 && $1 !~ /:$/ && $2 ~ /^[0-9.]+(e[-+][0-9]+)?$/ {
         if (!($1 in most) || $2 + 0 > most[$1]) most[$1] = $2 + 0
       }
       END { for (name in most) printf "| %s | %g |\n", name, most[name] }' | sort
