#!/usr/bin/env bash
# Takes whole models through pack, verify --onnxruntime and unpack, and compares every byte: each real ONNX model, one with external
# data in several files, a folder with twelve shards, the cache of a model hub, and a model with more than 2 GB of external data. Then
# opens two of them in ONNX Runtime, plain and packed. A line for each; the exit code is not 0 when anything differs, or when a
# session from the packed model takes more than 1.3 times as long. Needs 10 GB of disk, which it frees, and 4 GB of memory.
#   tools/walk-whole-models.sh [--clone] [--skip-large]     (--clone: from a fresh clone of what is committed here, models fetched anew)
#   MODELPACK=PATH takes that command instead of the one that is published here or, failing that, built
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
clone= large=1
for option; do
    case $option in
        --clone) clone=1 ;;
        --skip-large) large= ;;
        *) echo "walk-whole-models: unknown option $option" >&2; exit 2 ;;
    esac
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [ -n "$clone" ]; then
    git clone --quiet "$root" "$work/clone"
    root=$work/clone
fi

echo "== Build and fetch"
"$root/tools/fetch-models.sh" >"$work/fetch.log" 2>&1 || { cat "$work/fetch.log" >&2; exit 1; }
dotnet build "$root/benchmarks/ModelPack.Benchmarks" -c Release --nologo --verbosity quiet
models() { dotnet run --no-build -c Release --project "$root/tools/ModelPack.TestModels" -- "$@" >"$work/models.log" || { cat "$work/models.log" >&2; return 1; }; }
if [ -z "${MODELPACK:-}" ]; then
    MODELPACK=$root/artifacts/modelpack/modelpack
    if [ ! -x "$MODELPACK" ]; then
        dotnet build "$root/src/ModelPack.Cli" -c Release --nologo --verbosity quiet
        MODELPACK=$root/src/ModelPack.Cli/bin/Release/net10.0/modelpack
    fi
fi
"$MODELPACK" --version

failed=0
strict=--strict

# fail NAME WHAT
fail() {
    printf '%-34s %s\n' "$1" "DIFFERS: $2"
    failed=1
}

bytes_of() { find -L "$@" -type f -printf '%s\n' | awk '{ sum += $1 } END { printf "%.0f", sum }'; }

# same ORIGINAL RESTORED: contents and names; links are followed.
same() { diff -rq "$1" "$2" >/dev/null; }

# walk NAME SOURCE ORIGINALS [VERIFY-OPTION...]: packs SOURCE and unpacks it to a new place, which must be equal to ORIGINALS.
walk() {
    local name=$1 source=$2 originals=$3 restored=$work/back
    local packed=$work/packed.mpk verdict original start=$SECONDS
    shift 3
    rm -rf "$packed" "$work/back"
    "$MODELPACK" pack "$source" -o "$packed" $strict --quiet || { fail "$name" "pack ended with $?"; return; }
    verdict=$("$MODELPACK" verify "$packed" --against "$source" "$@") || { fail "$name" "verify ended with $?"; return; }
    "$MODELPACK" unpack "$packed" -o "$work/back" --quiet || { fail "$name" "unpack ended with $?"; return; }
    same "$originals" "$restored" || { fail "$name" "what was restored"; return; }
    original=$(bytes_of "$originals")
    case " $* " in
        *" --onnxruntime "*) case $verdict in *"equal in ONNX Runtime"*) ;; *) fail "$name" "$verdict"; return ;; esac ;;
    esac
    printf '%-34s %11d → %11d bytes  %s  equal, %s  %d s\n' "$name" "$original" "$(stat -c %s "$packed")" \
        "$(awk -v p="$(stat -c %s "$packed")" -v o="$original" 'BEGIN { printf "%.4f", p / o }')" \
        "$(sed -n 's/.*\(equal in ONNX Runtime ([^)]*)\).*/\1/p;t;s/.*/no ONNX model/p' <<<"$verdict")" "$((SECONDS - start))"
}

fetched=$root/testmodels/fetched
echo "== Real ONNX models"
for model in "$fetched"/*.onnx; do
    walk "$(basename "$model")" "$model" "$model" --onnxruntime
done

echo "== External data in three files, made of a real model"
models externalise "$fetched/isnet_medium.onnx" "$work/external/model.onnx" --files 3
walk "isnet_medium, external data" "$work/external/model.onnx" "$work/external" --onnxruntime

echo "== A folder: twelve shards, side files, an ONNX model with external data"
folder=$work/real-model
models shard "$fetched/isnet_medium_bf16.safetensors" "$folder" --shards 12
mkdir -p "$folder/onnx" "$folder/empty" "$folder/Ünicode and space"
cp "$work/external/"* "$folder/onnx/"
cp "$fetched/silero_vad_v5.onnx" "$folder/onnx/"
cp "$root/testmodels/sharded/config.json" "$root/README.md" "$folder"
: >"$folder/Ünicode and space/nothing.txt"
printf '#!/bin/sh\n' >"$folder/run.sh"
chmod +x "$folder/run.sh"
ln -s model-00001-of-00012.safetensors "$folder/first.safetensors"
walk "folder" "$folder" "$folder" --onnxruntime
[ -x "$work/back/run.sh" ] && [ "$(readlink "$work/back/first.safetensors")" = model-00001-of-00012.safetensors ] \
    && [ "$(find "$folder" -type f -printf '%P %T@ %m\n' | sort)" = "$(find "$work/back" -type f -printf '%P %T@ %m\n' | sort)" ] \
    || fail "folder" "times, execute bits or links"

echo "== The cache of a model hub: everything in a snapshot is a link to a blob"
hub=$work/hub/models--real--model
revision=0123456789abcdef0123456789abcdef01234567
mkdir -p "$hub/blobs" "$hub/refs" "$hub/snapshots/$revision"
printf %s "$revision" >"$hub/refs/main"
(cd "$folder" && find . -type f -size +0) | while IFS= read -r file; do
    file=${file#./}
    # Large files are named by their SHA-256, small ones by the SHA-1 that git gives them.
    case $file in
        *.safetensors | *.onnx*) blob=$(sha256sum "$folder/$file" | cut -d' ' -f1) ;;
        *) blob=$(git hash-object "$folder/$file") ;;
    esac
    cp "$folder/$file" "$hub/blobs/$blob"
    link=$hub/snapshots/$revision/$file
    mkdir -p "$(dirname "$link")"
    ln -s "$(realpath -m --relative-to="$(dirname "$link")" "$hub/blobs/$blob")" "$link"
done
walk "snapshot of a hub's cache" "$hub/snapshots/$revision" "$hub/snapshots/$revision" --onnxruntime
walk "ONNX model in a snapshot" "$hub/snapshots/$revision/onnx/model.onnx" "$work/external" --onnxruntime
# Blobs have no names, so that the external data of a model there cannot be told from other files: a warning.
strict=''
walk "a hub's cache" "$hub" "$hub" 2>/dev/null
strict=--strict
rm -rf "$folder" "$work/hub"

# sessions MODEL [OPTION...]
sessions() {
    "$MODELPACK" pack "$1" -o "$work/session.mpk" --force --quiet
    dotnet run --no-build -c Release --project "$root/benchmarks/ModelPack.Benchmarks" -- sessions "$1" "$work/session.mpk" --most 1.3 "${@:2}" \
        || failed=1
    rm -f "$work/session.mpk"
}

echo "== Sessions from packed models"
sessions "$fetched/isnet_medium.onnx" --rounds 9
sessions "$work/external/model.onnx" --rounds 9

if [ -n "$large" ]; then
    echo "== More than 2 GB of external data"
    models generate-onnx --bytes 2300000000 --files 3 "$work/large/model.onnx"
    walk "2.3 GB of external data" "$work/large/model.onnx" "$work/large" --onnxruntime
    rm -rf "$work/back"

    # Against what the container restores, in memory, with the time and memory that it takes.
    start=$SECONDS
    verdict=$("$MODELPACK" verify "$work/packed.mpk" --onnxruntime) || fail "2.3 GB, without the original" "verify ended with $?"
    echo "verify --onnxruntime without the original: $((SECONDS - start)) s  ${verdict##*: }"
    rm -f "$work/packed.mpk"
    sessions "$work/large/model.onnx" --rounds 3
fi

[ "$failed" -eq 0 ] && echo "walk-whole-models: all equal" || echo "walk-whole-models: FAILED" >&2
exit "$failed"
