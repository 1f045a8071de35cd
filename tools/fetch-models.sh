#!/usr/bin/env bash
# Fetches what the tests need and git does not hold: the real models of testmodels/manifest.json and, on Debian, the ONNX
# corpus. Arguments go to the fetch verb. Fails when anything is missing, because the tests over it would be skipped.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

corpus=/usr/share/libonnx-testdata
failed=0

if [ ! -d "$corpus" ]; then
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq libonnx-testdata; } >/dev/null
    if [ ! -d "$corpus" ]; then
        echo "fetch-models: the Debian package libonnx-testdata cannot be installed; tests over the ONNX corpus would be skipped" >&2
        failed=1
    fi
fi

if ! dotnet run -c Release --project tools/ModelPack.TestModels -- fetch "$@"; then
    echo "fetch-models: not all real models are here; tests over them would be skipped" >&2
    failed=1
fi

exit "$failed"
