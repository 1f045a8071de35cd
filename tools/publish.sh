#!/usr/bin/env bash
# Publishes modelpack as native code that needs no .NET and starts at once. What is compiled ahead cannot choose its
# kernels by the CPU, so on Linux x64 there are three variants and a launcher, `modelpack`, that starts the best one:
#   modelpack-baseline   any x86-64 CPU
#   modelpack-avx2       requires x86-64-v3 (AVX2, FMA, BMI2, LZCNT, MOVBE)
#   modelpack-avx512     requires x86-64-v4, VBMI, VBMI2 with the sets that came with it, and GFNI (Ice Lake, Zen 4)
# Elsewhere it is the single program `modelpack`.
#   tools/publish.sh [OUTDIR]      (default: artifacts/modelpack)
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
output=${1:-$root/artifacts/modelpack}
work=$root/artifacts/publish

fail() {
    echo "publish: $1" >&2
    exit 1
}

# need WHAT COMMAND...: one of the commands must be there.
need() {
    local what=$1 command
    shift
    for command; do
        command -v "$command" >/dev/null && return
    done
    fail "$what is missing; native compilation needs one of: $*"
}

# compile NAME [INSTRUCTION-SETS [OPTION...]]: with folders of its own, a variant is compiled again only when it changed.
compile() {
    local name=$1 sets=${2:-}
    shift "$(($# < 2 ? $# : 2))"
    echo "== $name"
    # %2c: msbuild would take a comma for the start of another property.
    dotnet publish "$root/src/ModelPack.Cli" -c Release --use-current-runtime --nologo --verbosity quiet -o "$work/$name" "$@" \
        -p:PublishAot=true -p:StripSymbols=true "-p:IlcInstructionSet=${sets//,/%2c}" \
        "-p:NativeIntermediateOutputPath=$work/$name/obj/" "-p:NativeOutputPath=$work/$name/bin/"
}

# put NAME: what was compiled goes to the output folder.
put() {
    local name=$1
    local program=$work/$name/ModelPack.Cli
    [ -f "$program" ] || program=$program.exe
    install -m 755 "$program" "$output/$name${program#"$work/$name/ModelPack.Cli"}"

    # ONNX Runtime's library, which verify --onnxruntime loads from beside the program. It has none for some systems.
    local library=onnxruntime.dll
    case $(uname -s) in
        Linux) library=libonnxruntime.so ;;
        Darwin) library=libonnxruntime.dylib ;;
    esac
    [ ! -f "$work/$name/$library" ] || install -m 644 "$work/$name/$library" "$output"
}

# Packages are locked but for the compiler, which goes with the SDK.
check_packages() {
    local project more
    for project in "$root"/src/*/; do
        more=$(comm -13 <(packages "$project/packages.lock.json") <(packages "$project/obj/packages.publish.lock.json") | grep -v -i '\.ILCompiler ' || true)
        [ -z "$more" ] || fail "$(basename "$project") took packages other than those of its packages.lock.json: $more"
    done
}

# packages LOCKFILE: a line "name version hash" for each.
packages() {
    awk -F'"' '/^      "/ { name = $2 } $2 == "resolved" { version = $4 } $2 == "contentHash" { print name, version, $4 }' "$1" | sort -u
}

need "the .NET SDK" dotnet
case $(uname -s) in
    Linux)
        need "a C compiler (it links)" clang gcc
        need "the tool that strips symbols" llvm-objcopy objcopy
        ;;
    Darwin) need "a C compiler (it links)" clang ;;
esac

mkdir -p "$output"
if [ "$(uname -sm)" = "Linux x86_64" ]; then
    compile modelpack-baseline
    check_packages
    # What is compiled to native code is the same for all, so these two only read what is there and can run at once.
    compile modelpack-avx2 x86-64-v3 --no-build &
    avx2=$!
    compile modelpack-avx512 x86-64-v4,avx512v3,gfni,gfni_v256,gfni_v512 --no-build
    wait "$avx2"
    for variant in baseline avx2 avx512; do
        put "modelpack-$variant"
    done
    install -m 755 "$root/tools/modelpack-launcher.sh" "$output/modelpack"
else
    compile modelpack
    check_packages
    put modelpack
fi
ls -l "$output"
