#!/usr/bin/env bash
# Packs, verifies, unpacks and compares a generated model folder again and again in one process, and reads its container from many
# threads: memory must stay flat, bytes equal, and speeds steady. Needs three times the bytes free in WORK.
#   tools/soak.sh [WORK [OPTION...]]      (default: the folder for temporary files; 20 GB, 20 minutes; --help lists options)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

work=${1:-${TMPDIR:-/tmp}}
shift || true
dotnet build tools/ModelPack.TestModels -c Release --nologo -v quiet
exec dotnet tools/ModelPack.TestModels/bin/Release/net10.0/ModelPack.TestModels.dll soak "$work" "$@"
