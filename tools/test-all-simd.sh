#!/usr/bin/env bash
# Runs the whole suite once for each SIMD level, adds up what the runs report, and ends with the line
# "N passed, N failed, N skipped". Expects a Release build unless --build is given.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

results=artifacts/test-results
build=--no-build
[ "${1:-}" = --build ] && build=

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

# run NAME [SWITCH=0...]
run() {
    local name=$1
    shift
    echo "== Tests: $name"
    rm -rf "${results:?}/$name"
    # One project at a time (-m:1): reports are named by the second, and two written at once could become one.
    # shellcheck disable=SC2086 # an empty $build is no argument
    if ! env "$@" dotnet test ModelPack.sln -c Release -m:1 $build --logger trx --results-directory "$results/$name" </dev/null; then
        echo "test-all-simd: the run '$name' failed" >&2
        status=1
    fi
    count "$results/$name"
}

run native
run no-avx512 DOTNET_EnableAVX512=0
run no-avx2 DOTNET_EnableAVX2=0

[ "$failed" -eq 0 ] || status=1
echo "$passed passed, $failed failed, $skipped skipped"
exit "$status"
