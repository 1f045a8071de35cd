#!/usr/bin/env bash
# Fuzzes with AFL++ (Debian: afl++), each target for a time: tools/fuzz.sh [SECONDS] [TARGET...], all targets without names.
# What it found is in artifacts/fuzz/TARGET and is taken up again by the next run. Ends with a table; the exit code is 1 after a crash or a hang.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

seconds=${1:-60}
shift || true
out=artifacts/fuzz
plain=tools/ModelPack.Fuzz/bin/Release/net10.0
program=$plain/ModelPack.Fuzz.dll

command -v afl-fuzz >/dev/null || { echo "fuzz: needs afl-fuzz (Debian: apt-get install afl++)" >&2; exit 5; }
dotnet build tools/ModelPack.Fuzz -c Release --nologo -v quiet
mkdir -p "$out"
rm -rf "$out/bin"
# Instrumented code runs under afl-fuzz alone.
cp -r "$plain" "$out/bin"
for assembly in ModelPack Google.Protobuf; do
    dotnet "$program" instrument "$out/bin/$assembly.dll"
done

if [ $# -eq 0 ]; then
    mapfile -t names < <(dotnet "$program" targets --names)
    set -- "${names[@]}"
fi

export AFL_SKIP_BIN_CHECK=1 AFL_NO_UI=1 AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_NO_AFFINITY=1 DOTNET_TieredPGO=0
export AFL_AUTORESUME=1
for target in "$@"; do
    rm -rf "$out/seeds/$target"
    dotnet "$program" seeds "$target" "$out/seeds/$target"
    if [ -d "tools/ModelPack.Fuzz/Corpus/$target" ]; then
        cp "tools/ModelPack.Fuzz/Corpus/$target"/* "$out/seeds/$target/"
    fi

    afl-fuzz -i "$out/seeds/$target" -o "$out/$target" -V "$seconds" -t 10000 -m none -G 262144 -- \
        dotnet "$out/bin/ModelPack.Fuzz.dll" run "$target" >"$out/$target.log" 2>&1 || { tail -5 "$out/$target.log" >&2; exit 1; }
done

status=0
printf '%-20s %10s %10s %8s %8s %8s\n' target seconds inputs corpus crashes hangs
for target in "$@"; do
    stats=$out/$target/default/fuzzer_stats
    value() { sed -n "s/^$1 *: *//p" "$stats"; }
    printf '%-20s %10s %10s %8s %8s %8s\n' "$target" "$(value run_time)" "$(value execs_done)" "$(value corpus_count)" "$(value saved_crashes)" "$(value saved_hangs)"
    [ "$(value saved_crashes)$(value saved_hangs)" = 00 ] || status=1
done
exit $status
