#!/usr/bin/env bash
# Restores the golden containers where this machine is something else:
#   intrinsics   the library's tests without any vector instruction
#   arm64        the library on linux-arm64, under Debian's qemu
#   big-endian   the independent decoder on s390x, under Debian's qemu: .NET has no public runtime for a big-endian system
# Foreign packages are unpacked below artifacts/portability and never installed; qemu is (as root), where it is missing. What cannot be had is
# skipped with a reason, and does not fail.
#   tools/portability.sh [--short] [intrinsics|arm64|big-endian]...      (default: all; --short: the decoder's tests alone, not all of the library's)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
work=$root/artifacts/portability
golden=$root/tests/ModelPack.Tests/Compatibility/v1
status=0
short=

fail() {
    echo "portability: $1" >&2
    status=1
}

skip() {
    echo "portability: skipped: $1" >&2
    return 1
}

# qemu CPU: its emulator must be there, or be installed.
qemu() {
    command -v "qemu-$1-static" >/dev/null && return
    if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
        { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends qemu-user-static; } >/dev/null 2>&1 || true
    fi
    command -v "qemu-$1-static" >/dev/null || skip "there is no qemu-$1-static (Debian: qemu-user-static)"
}

# foreign ARCHITECTURE PACKAGE...: unpacks Debian packages of another architecture, from lists of their own.
foreign() {
    local architecture=$1 apt=$work/$1/apt options
    shift
    [ ! -f "$work/$architecture/done" ] || return 0
    command -v apt-get >/dev/null || skip "there is no apt-get to fetch packages for $architecture" || return
    mkdir -p "$apt/state/lists/partial" "$apt/cache/archives/partial" "$work/$architecture/root"
    : >"$apt/status"
    options=(-q -o "APT::Architecture=$architecture" -o "APT::Architectures::=$architecture" -o "Dir::State=$apt/state" -o "Dir::State::status=$apt/status"
        -o "Dir::Cache=$apt/cache" -o APT::Sandbox::User=root -o Debug::NoLocking=1)
    (cd "$apt" && apt-get "${options[@]}" update && apt-get "${options[@]}" download "$@") >"$apt/log" 2>&1 ||
        skip "packages for $architecture cannot be fetched: $(tail -1 "$apt/log")" || return
    for package in "$apt"/*.deb; do
        dpkg -x "$package" "$work/$architecture/root"
    done
    touch "$work/$architecture/done"
}

# restore_golden COMMAND...: restores each container to a new file or folder and compares it. The command is called with CONTAINER TARGET [BASE].
restore_golden() {
    local out=$work/restored count=0 container name original
    rm -rf "$out"
    mkdir -p "$out"
    # The original is called as the container is, without ".mpk" and without a coder's name.
    for container in "$golden"/*.mpk "$golden/split/sharded.mpk"; do
        name=$(basename "$container" .mpk)
        original=testmodels/$(sed -E 's/\.(ContextAns|Huffman|LaneAns|Lz|Lzw)$//' <<<"$name")
        one "$container" "$original" "" "$@"
    done
    one "$golden/with-base/tuned.safetensors.mpk" testmodels/finetune/tuned.safetensors testmodels/finetune "$@"
    echo "portability: $count containers restored byte for byte"
}

one() { # one CONTAINER ORIGINAL BASE COMMAND...
    local container=$1 original=$2 base=$3
    shift 3
    rm -rf "$out/file"
    if "$@" "$container" "$out/file" "$base" >"$out/log" 2>&1 && diff -r "$original" "$out/file" >"$out/log" 2>&1; then
        count=$((count + 1))
    else
        fail "$(basename "$container") is not restored: $(tail -1 "$out/log")"
    fi
}

intrinsics() {
    local filter=()
    [ -z "$short" ] || filter=(--filter "FullyQualifiedName~Compatibility|FullyQualifiedName~Coding|FullyQualifiedName~Planes|FullyQualifiedName~BaseDifference")
    DOTNET_EnableHWIntrinsic=0 dotnet test tests/ModelPack.Tests -c Release --nologo "${filter[@]}" || fail "the tests fail without intrinsics"
}

arm64() {
    qemu aarch64 && foreign arm64 libc6 libgcc-s1 libssl3 libstdc++6 zlib1g || return 0
    dotnet publish src/ModelPack.Cli -c Release -r linux-arm64 --self-contained -o "$work/arm64/modelpack" --nologo -v quiet \
        -p:PublishReadyToRun=false -p:PublishSingleFile=false || { fail "publishing for linux-arm64"; return; }
    restore_golden modelpack_arm64
}

modelpack_arm64() {
    # Without the second emulation of what the emulator lacks, the runtime starts in seconds.
    DOTNET_TieredCompilation=1 qemu-aarch64-static -L "$work/arm64/root" "$work/arm64/modelpack/ModelPack.Cli" unpack "$1" -o "$2" ${3:+--base "$3"}
}

big-endian() {
    local python
    qemu s390x && foreign s390x libc6 zlib1g libexpat1 python3.11-minimal libpython3.11-minimal libpython3.11-stdlib || return 0
    [ "$(python_s390x -c 'import sys; print(sys.byteorder)')" = big ] || { fail "the emulated Python is not big-endian"; return; }
    restore_golden decode_s390x
}

python_s390x() {
    qemu-s390x-static -L "$work/s390x/root" "$work/s390x/root/usr/bin/python3.11" -I "$@"
}

decode_s390x() {
    python_s390x tools/mpk_decode.py "$1" -o "$2" ${3:+--base "$3"}
}

if [ "${1:-}" = --short ]; then
    short=1
    shift
fi
[ $# -gt 0 ] || set -- intrinsics arm64 big-endian
for part; do
    case $part in
        intrinsics | arm64 | big-endian)
            echo "== $part"
            "$part" ;;
        *) echo "portability: '$part' is none of intrinsics, arm64, big-endian" >&2; exit 2 ;;
    esac
done
exit $status
