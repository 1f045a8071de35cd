#!/usr/bin/env bash
# Builds the committed sources twice, in two folders, as a release is built, and compares the assemblies: equal sources must give equal bytes.
#   tools/reproduce.sh
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# hashes FOLDER: builds there and lists what came out.
hashes() {
    git clone -q --no-hardlinks "$root" "$1"
    CI=true dotnet build "$1/src/ModelPack.Cli" -c Release --nologo -v quiet -nodereuse:false -p:UseSharedCompilation=false >&2
    (cd "$1/src/ModelPack.Cli/bin/Release/net10.0" && sha256sum ModelPack*.dll)
}

hashes "$work/one" >"$work/first"
hashes "$work/another folder, longer" >"$work/second"
cat "$work/first"
diff "$work/first" "$work/second" >&2 || { echo "reproduce: the same sources gave other assemblies" >&2; exit 1; }
echo "reproduce: $(wc -l <"$work/first") assemblies are the same, bit for bit"
