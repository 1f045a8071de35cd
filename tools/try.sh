#!/usr/bin/env bash
# Builds the command line, then packs a model, verifies and unpacks it, and compares the bytes. Everything goes to a
# temporary folder that is removed at the end.
#   tools/try.sh [MODEL]      (default: testmodels/transformer_bf16.safetensors)
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
model=${1:-$root/testmodels/transformer_bf16.safetensors}
name=$(basename "$model")

dotnet build "$root/src/ModelPack.Cli" -c Release --nologo --verbosity quiet
modelpack=$root/src/ModelPack.Cli/bin/Release/net10.0/modelpack

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$modelpack" pack "$model" --sha256 -o "$folder/$name.mpk"
"$modelpack" list "$folder/$name.mpk"
"$modelpack" verify "$folder/$name.mpk" --against "$model"
"$modelpack" unpack "$folder/$name.mpk" -o "$folder/$name"
cmp "$model" "$folder/$name"
sha256sum "$model" "$folder/$name" | sed "s|$folder/|restored: |"
