#!/bin/sh
# Starts the variant of modelpack beside this file that is compiled for this CPU (see tools/publish.sh).
# MODELPACK_CPU=baseline|avx2|avx512 names one instead.

# What the variants require, as Linux names it. LZCNT (abm) is left out: not every kernel lists it, and every CPU with BMI2
# has it.
avx2='avx avx2 f16c fma movbe bmi1 bmi2'
avx512="$avx2 avx512f avx512bw avx512cd avx512dq avx512vl avx512ifma avx512vbmi avx512_bitalg avx512_vbmi2 avx512_vnni avx512_vpopcntdq gfni"

fail() {
    echo "modelpack: $1" >&2
    exit "$2"
}

# supports FLAG...: leaves in $flag the first that is missing.
supports() {
    for flag; do
        case $flags in *" $flag "*) ;; *) return 1 ;; esac
    done
}

self=$0
[ ! -h "$self" ] || self=$(readlink -f -- "$self")
case $self in */*) folder=${self%/*} ;; *) folder=. ;; esac

flags=
while IFS= read -r line; do
    case $line in flags*:*) flags=" ${line#*: } " && break ;; esac
done </proc/cpuinfo

# shellcheck disable=SC2086 # lists of words
case ${MODELPACK_CPU:-} in
    '') if supports $avx512; then cpu=avx512; elif supports $avx2; then cpu=avx2; else cpu=baseline; fi ;;
    avx512) supports $avx512 || fail "MODELPACK_CPU=avx512: this CPU has no $flag" 2; cpu=avx512 ;;
    avx2) supports $avx2 || fail "MODELPACK_CPU=avx2: this CPU has no $flag" 2; cpu=avx2 ;;
    baseline) cpu=baseline ;;
    *) fail "MODELPACK_CPU: '$MODELPACK_CPU' is none of baseline, avx2, avx512" 2 ;;
esac

[ -x "$folder/modelpack-$cpu" ] || fail "$folder/modelpack-$cpu: missing; modelpack needs its variants beside it" 5
exec "$folder/modelpack-$cpu" "$@"
