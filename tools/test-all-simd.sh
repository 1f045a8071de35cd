#!/usr/bin/env bash
# Runs the tests once for each SIMD level, adds up what the runs report, and ends with the line
# "N passed, N failed, N skipped". Expects a Release build unless --build is given.
#   tools/test-all-simd.sh [--build] [--published FOLDER]
# All tests run with what the CPU offers, and with AVX-512 and AVX2 off; those of coders, planes and whole containers also with AVX-512
# alone off, so that the AVX2 kernels run; and those of planes and golden files without any vector instruction. With --published,
# where tests start the command, the run without AVX2 starts the native program for that level from FOLDER (tools/publish.sh): it takes
# a tenth of the time to start, and no switch reaches native code.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

results=artifacts/test-results
build=--no-build
published=
while [ $# -gt 0 ]; do
    case $1 in
        --build) build= ;;
        --published) published=$(realpath -- "${2:?--published needs a folder}") && shift ;;
        *) echo "test-all-simd: '$1' is none of --build, --published FOLDER" >&2 && exit 2 ;;
    esac
    shift
done

passed=0 failed=0 skipped=0 status=0

# Adds up the Counters of every assembly's report. vstest leaves notExecuted at 0, so skipped is what is left of the total.
count() {
    local folder=$1 reports=0 report counters total pass fail
    while IFS= read -r report; do
        counters=$(grep -o -m 1 '<Counters [^>]*>' "$report") || continue
        total=$(attribute total "$counters") pass=$(attribute passed "$counters")
        fail=$(($(attribute failed "$counters") + $(attribute error "$counters") + $(attribute timeout "$counters") + $(attribute aborted "$counters")))
        passed=$((passed + pass)) failed=$((failed + fail)) skipped=$((skipped + total - pass - fail)) reports=$((reports + 1))
    done < <(find "$folder" -name '*.trx' 2>/dev/null)
    if [ "$reports" -eq 0 ]; then
        echo "test-all-simd: the run left no report in $folder" >&2
        status=1
    fi
}

attribute() {
    local value=${2#* "$1"=\"}
    echo "${value%%\"*}"
}

# run NAME VARIANT "PROJECT..." [SWITCH=0...]: VARIANT is the native program of this level; none where the built command runs.
run() {
    local name=$1 variant=$2 project command=
    local -a projects switches
    read -ra projects <<<"$3"
    switches=("${@:4}")
    if [ -n "$published" ] && [ -n "$variant" ]; then
        command=$published/modelpack-$variant
        # Elsewhere than on Linux x64 there is one program.
        [ -x "$command" ] || command=$published/modelpack
    fi

    echo "== Tests: $name"
    rm -rf "${results:?}/$name"
    for project in "${projects[@]}"; do
        # One project at a time (-m:1): reports are named by the second, and two written at once could become one.
        # shellcheck disable=SC2086 # an empty $build is no argument
        if ! env "${switches[@]}" "MODELPACK_COMMAND=$command" dotnet test "$project" -c Release -m:1 $build ${filter:+--filter "$filter"} --logger trx \
            --results-directory "$results/$name" </dev/null; then
            echo "test-all-simd: the run '$name' of $project failed" >&2
            status=1
        fi
    done
    count "$results/$name"
}

filter=
run native "" ModelPack.sln
run no-avx2 baseline ModelPack.sln DOTNET_EnableAVX2=0
filter='FullyQualifiedName~.Coding.|FullyQualifiedName~.Planes.|FullyQualifiedName~.Fused|FullyQualifiedName~.NoisyFloat|FullyQualifiedName~.RoundTrip|FullyQualifiedName~.GoldenFile|FullyQualifiedName~.RealModelTests'
run no-avx512 "" tests/ModelPack.Tests DOTNET_EnableAVX512=0
filter='FullyQualifiedName~.Planes.|FullyQualifiedName~.GoldenFileTests|FullyQualifiedName~.BaseDifferenceTests'
run no-intrinsics "" tests/ModelPack.Tests DOTNET_EnableHWIntrinsic=0

[ "$failed" -eq 0 ] || status=1
echo "$passed passed, $failed failed, $skipped skipped"
exit "$status"
