#!/usr/bin/env bash
# The newcomer's path, timed: a fresh clone, then the README's first command up to its result. Packages come from the
# machine's cache if they are there. Prints one line; fails where there is no result.
#   scripts/first-result.sh [REPOSITORY]
set -euo pipefail
source=$(realpath "${1:-$(dirname "$0")/..}")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

start=$SECONDS
git clone -q "$source" "$folder/clone"
cd "$folder/clone"
dotnet run --project Tools -c Release -- demo > "$folder/result" # README, "Try it"
grep -q float32 "$folder/result"
echo "first result after $((SECONDS - start)) s"
