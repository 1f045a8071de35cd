#!/usr/bin/env bash
# Lets things go wrong under pack and unpack and looks at what is left: after each fault the target must be complete or the old one,
# the command must have said in one line what was wrong, and after a clean stop no temporary file may be there.
#   tools/faults.sh [SEED] [FAULT...]      (default: seed 1, all faults; the environment variable MODELPACK names the command)
# Ends with a table; the exit code is 1 when anything was wrong. Needs cc, and root for a small file system and for refused permission.
set -uo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
seed=${1:-1}
shift || true
wanted=("$@")
RANDOM=$seed

program=$root/src/ModelPack.Cli/bin/Release/net10.0/ModelPack.Cli.dll
if [ -n "${MODELPACK:-}" ]; then
    command=("$MODELPACK")
else
    [ -f "$program" ] || dotnet build "$root/src/ModelPack.Cli" -c Release --nologo -v quiet || exit 1
    command=(dotnet "$program")
fi

work=$(mktemp -d)
mounted=
trap '[ -z "$mounted" ] || umount "$mounted"; rm -rf "$work"' EXIT
cd "$work" || exit 1
chmod 755 "$work"
cc -shared -fPIC -O2 -o faults.so "$root/tools/faults.c" -ldl || { echo "faults: needs a C compiler" >&2; exit 5; }

# --- Models: four shards with one tensor in common, and one file alone.
dotnet run -c Release --project "$root/tools/ModelPack.TestModels" -- generate-large --bytes 24000000 one.safetensors >/dev/null || exit 1
mkdir -p many/sub
for shard in 1 2 3 4; do head -c $((shard * 2000000)) one.safetensors >"many/shard$shard.bin"; done
echo '{}' >many/sub/config.json
ln -s shard1.bin many/link
mkdir old-folder && echo old >old-folder/old
echo old >old-file

modelpack() { "${command[@]}" "$@"; }
modelpack pack one.safetensors -o one.mpk --quiet && modelpack pack many -o many.mpk --quiet \
    && modelpack pack one.safetensors -o parts.mpk --split 3MB --quiet || exit 1

# --- Operations. Each has a source, a target and what the target must be like.
operations=(pack pack-folder pack-split pack-resume pack-pipe unpack unpack-folder unpack-parts unpack-pipe)

target_of() {
    case $1 in
        pack | pack-resume | pack-pipe) echo "$place/x.mpk" ;;
        pack-folder | pack-split) echo "$place/x.mpk" ;;
        *) echo "$place/x" ;;
    esac
}

# run OPERATION ARGUMENT...: the operation in this place, with $before in front of the command.
run() {
    local operation=$1 target
    shift
    target=$(target_of "$operation")
    case $operation in
        pack | pack-resume | pack-split)
            local also=()
            [ "$operation" != pack-split ] || also=(--split 3MB)
            [ "$operation" != pack-resume ] || also=(--resume)
            "${before[@]}" "${command[@]}" pack "${source:-one.safetensors}" -o "$target" "${also[@]}" "$@" ;;
        pack-folder) "${before[@]}" "${command[@]}" pack "${source:-many}" -o "$target" "$@" ;;
        pack-pipe) "${before[@]}" "${command[@]}" pack - --name one.safetensors -o "$target" "$@" <one.safetensors ;;
        unpack) "${before[@]}" "${command[@]}" unpack one.mpk -o "$target" "$@" ;;
        unpack-folder) "${before[@]}" "${command[@]}" unpack many.mpk -o "$target" "$@" ;;
        unpack-parts) "${before[@]}" "${command[@]}" unpack parts.mpk -o "$target" "$@" ;;
        unpack-pipe) "${before[@]}" "${command[@]}" unpack - -o "$target" "$@" <one.mpk ;;
    esac
}

is_complete() {
    local target
    target=$(target_of "$1")
    case $1 in
        pack | pack-resume) cmp -s "$target" one.mpk ;;
        pack-pipe) [ -f "$target" ] && cmp -s <(modelpack unpack "$target" -o - 2>/dev/null) one.safetensors ;;
        pack-folder) cmp -s "$target" many.mpk ;;
        pack-split) [ -f "$target.001" ] && cmp -s "$target" <(sed 's/ parts\.mpk\./ x.mpk./; /^# end/d' parts.mpk; tail -n 1 "$target") && cat "$target".0?? | cmp -s - one.mpk ;;
        unpack | unpack-parts | unpack-pipe) cmp -s "$target" one.safetensors ;;
        unpack-folder) [ -d "$target" ] && diff -rq --no-dereference many "$target" >/dev/null 2>&1 ;;
    esac
}

# Where there was no target before, none is the old one.
is_old() {
    local target
    target=$(target_of "$1")
    if [ "$with_old" = 0 ]; then [ ! -e "$target" ] && [ ! -e "$target.001" ]
    elif [ "$1" = unpack-folder ]; then diff -rq old-folder "$target" >/dev/null 2>&1
    else cmp -s old-file "$target" && [ ! -e "$target.001" ]
    fi
}

prepare() {
    with_old=$2
    place=${mounted:-$work}/place
    rm -rf "$place"
    mkdir -p "$place"
    [ "$2" = 0 ] || cp -r "$([ "$1" = unpack-folder ] && echo old-folder || echo old-file)" "$(target_of "$1")"
}

# --- The record of each fault.
declare -A trials complete old refused left silent
names=()
bad=0

begin() {
    fault=$1
    names+=("$fault")
    trials[$fault]=0 complete[$fault]=0 old[$fault]=0 refused[$fault]=0 left[$fault]=0 silent[$fault]=0
}

complain() {
    bad=1
    echo "faults: $fault: $*" >&2
    sed 's/^/    /' errors >&2
}

# record OPERATION EXIT-CODE [may-leave]: looks at what a trial left. "may-leave" is for what ends a process at once, and --resume.
record() {
    local operation=$1 code=$2 may_leave=${3:-} lines hidden
    trials[$fault]=$((trials[$fault] + 1))
    lines=$(grep -c '' errors)
    if is_complete "$operation"; then
        complete[$fault]=$((complete[$fault] + 1))
    elif is_old "$operation"; then
        old[$fault]=$((old[$fault] + 1))
        if [ "$code" = 0 ]; then
            silent[$fault]=$((silent[$fault] + 1))
            complain "$operation: exit code 0 and no target"
        fi
    else
        complain "$operation: the target is neither complete nor the old one (exit code $code): $(ls -lA "$place" | tail -n +2)"
    fi

    if [ "$code" != 0 ]; then
        refused[$fault]=$((refused[$fault] + 1))
    fi

    case $code in
        0) ;;
        2 | 3 | 5 | 130 | 143)
            if [ "$lines" != 1 ] || ! grep -q '^modelpack: ' errors || grep -q '^   at ' errors; then
                silent[$fault]=$((silent[$fault] + 1))
                complain "$operation: exit code $code without one line that says why"
            fi ;;
        137) [ "$may_leave" = may-leave ] || complain "$operation: killed" ;;
        *) complain "$operation: exit code $code" ;;
    esac

    hidden=$(find "$place" -mindepth 1 -name '.*' | wc -l)
    if [ "$hidden" != 0 ]; then
        left[$fault]=$((left[$fault] + 1))
        [ "$may_leave" = may-leave ] || complain "$operation: left $(ls -A "$place" | grep '^\.' | head -3 | tr '\n' ' ')"
    fi
}

# attempt OPERATION WITH-OLD [may-leave] [ARGUMENT...]: one trial under $before.
attempt() {
    local operation=$1 with=$2 may_leave=${3:-} code force=()
    shift $(($# < 3 ? $# : 3))
    prepare "$operation" "$with"
    [ "$with" = 0 ] || force=(--force)
    # In a shell of its own, which keeps what it says of a killed process to itself.
    (run "$operation" "${force[@]}" "$@" >output 2>errors; exit $?) 2>/dev/null
    code=$?
    [ "$operation" != pack-resume ] || [ "$code" = 0 ] || may_leave=may-leave
    record "$operation" "$code" "$may_leave"
}

is_wanted() {
    local name
    [ ${#wanted[@]} = 0 ] && return
    for name in "${wanted[@]}"; do [ "$name" != "$1" ] || return 0; done
    return 1
}

skip() { skipped+=("$1: $2"); }
skipped=()
before=()
source=

# --- Disk full: file systems that hold a part of the target.
disk_full() {
    mkdir -p small
    if ! mount -t tmpfs -o size=1m tmpfs small 2>/dev/null; then
        skip disk-full "a small file system cannot be mounted"
        return
    fi

    umount small
    begin disk-full
    local kilobytes operation
    for operation in "${operations[@]}"; do
        for kilobytes in 64 $((RANDOM % 5000 + 100)) $((RANDOM % 10000 + 100)); do
            for with in 0 1; do
                mount -t tmpfs -o "size=${kilobytes}k" tmpfs small
                mounted=$work/small
                TMPDIR=$mounted attempt "$operation" "$with"
                umount small
                mounted=
            done
        done
    done
}

# --- A limit on the length of files, which is another "no room".
file_limit() {
    begin file-limit
    local operation
    for operation in "${operations[@]}"; do
        before=(env DOTNET_EnableWriteXorExecute=0 bash -c 'trap "" XFSZ; ulimit -f "$0"; exec "$@"' $((RANDOM % 1500 + 1)))
        # The runtime makes a large file in memory unless it is told not to.
        attempt "$operation" $((RANDOM % 2))
    done
    before=()
}

# shim CALL AT [ERROR]
shim() { before=(env "LD_PRELOAD=$work/faults.so" "FAULT_PATH=${3:-$work}" "FAULT_CALL=$1" "FAULT_AT=$2" ${4:+"FAULT_ERROR=$4"}); }

# --- Calls that fail at the n-th time: errno 5 EIO, 28 ENOSPC, 122 EDQUOT, 18 EXDEV.
failing_calls() {
    local name=$1 call=$2 error=$3 most=$4 where=$5 operation round
    begin "$name"
    for operation in "${operations[@]}"; do
        for round in 1 2 3; do
            shim "$call" "$([ $round = 1 ] && echo 1 || echo $((RANDOM % most + 1)))" "$where" "$error"
            attempt "$operation" $((round % 2))
        done
    done
    before=()
}

short_transfers() {
    local operation call
    for call in read write; do
        begin "short-${call}s"
        for operation in "${operations[@]}"; do
            shim "$call" 1 "$work"
            attempt "$operation" 1
        done
    done
    before=()
}

# --- The source changes while it is packed; reads take longer, so that it does.
source_changes() {
    local operation change round code
    begin source-changed
    for operation in pack pack-split pack-resume pack-folder; do
        for change in overwrite truncate append replace same-length remove; do
            for round in 1 2; do
                rm -rf changing
                if [ "$operation" = pack-folder ]; then cp -a many changing; victim=changing/shard$((RANDOM % 4 + 1)).bin; else cp -p one.safetensors changing; victim=changing; fi
                source=changing
                before=(env "LD_PRELOAD=$work/faults.so" "FAULT_PATH=$work/changing" FAULT_CALL=read FAULT_DELAY=20000)
                prepare "$operation" 1
                (
                    # From when it packs until it has ended.
                    for ((i = 0; i < 100 && $(find "$place" -name '.*' | wc -l) == 0; i++)); do sleep 0.05; done
                    sleep "0.0$((RANDOM % 10))"
                    case $change in
                        overwrite) printf X | dd of="$victim" bs=1 seek=$((RANDOM * 50)) conv=notrunc 2>/dev/null ;;
                        truncate) truncate -s -$((RANDOM + 1)) "$victim" ;;
                        append) echo more >>"$victim" ;;
                        replace) echo other >other && mv other "$victim" ;;
                        same-length) head -c "$(stat -c %s "$victim")" /dev/zero >other && mv other "$victim" ;;
                        remove) rm "$victim" ;;
                    esac
                    touch changed
                ) &
                (run "$operation" --force >output 2>errors; exit $?) 2>/dev/null
                code=$?
                wait
                if [ "$code" = 0 ] && modelpack verify "$(target_of "$operation")" --against changing --quiet 2>errors; then
                    # It changed before it was looked at.
                    trials[$fault]=$((trials[$fault] + 1))
                    complete[$fault]=$((complete[$fault] + 1))
                elif [ "$code" = 0 ]; then
                    trials[$fault]=$((trials[$fault] + 1))
                    silent[$fault]=$((silent[$fault] + 1))
                    complain "$operation: $change was not noticed"
                else
                    record "$operation" "$code" "$([ "$operation" != pack-resume ] || echo may-leave)"
                fi
            done
        done
    done
    before=() source=
    rm -rf changing
}

# --- Another device for the target, and for temporary files.
other_device() {
    mkdir -p small
    if ! mount -t tmpfs -o size=200m tmpfs small 2>/dev/null; then
        skip other-device "no file system can be mounted"
        return
    fi

    mounted=$work/small
    begin other-device
    local operation with
    for operation in "${operations[@]}"; do for with in 0 1; do attempt "$operation" "$with"; done; done
    umount small
    mounted=
}

# --- No permission: as nobody, to read the source, to write the folder.
no_permission() {
    if [ "$(id -u)" != 0 ] || ! command -v setpriv >/dev/null; then
        skip no-permission "root and setpriv are needed to become nobody"
        return
    fi

    if ! setpriv --reuid 65534 --clear-groups "${command[@]}" --version >/dev/null 2>&1; then
        skip no-permission "nobody may not run the command where it lies; put it elsewhere and name it in MODELPACK"
        return
    fi

    begin no-permission
    local operation
    for operation in "${operations[@]}"; do
        before=(setpriv --reuid 65534 --clear-groups)
        attempt "$operation" 0
        attempt "$operation" 1
    done

    chmod 600 one.safetensors one.mpk many.mpk parts.mpk many/shard2.bin
    for operation in pack pack-folder unpack unpack-folder unpack-parts; do
        before=(bash -c 'chmod 777 "$0"; exec setpriv --reuid 65534 --clear-groups "$@"' "$work/place")
        attempt "$operation" 0
    done
    chmod 644 one.safetensors one.mpk many.mpk parts.mpk many/shard2.bin
    before=()
}

# --- Signals at any moment of a run, its start and end included.
milliseconds() { echo $(($(date +%s%N) / 1000000)); }

signals() {
    local name=$1 signal=$2 count=$3 may_leave=$4 operation start duration i
    begin "$name"
    declare -A took
    for operation in "${operations[@]}"; do
        prepare "$operation" 0
        start=$(milliseconds)
        run "$operation" --no-flush >output 2>errors
        took[$operation]=$(($(milliseconds) - start))
    done

    for ((i = 0; i < count; i++)); do
        operation=${operations[$((i % ${#operations[@]}))]}
        duration=$((RANDOM * (took[$operation] + 20) / 32768 + 1))
        before=(timeout --foreground -s "$signal" "$(printf '%d.%03d' $((duration / 1000)) $((duration % 1000)))")
        signalled=1
        attempt_signalled "$operation" $((RANDOM % 2)) "$may_leave"
    done
    before=()
}

# Before the command has begun, and after it has ended, a signal ends the process without a word: nothing is there to be removed.
attempt_signalled() {
    local operation=$1 with=$2 may_leave=$3 code force=()
    prepare "$operation" "$with"
    [ "$with" = 0 ] || force=(--force)
    (run "$operation" "${force[@]}" >output 2>errors; exit $?) 2>/dev/null
    code=$?
    # What timeout says when the time was up.
    if [ "$code" = 124 ]; then
        [ -s errors ] || echo "modelpack: cancelled" >errors
        code=$([ "$may_leave" = may-leave ] && echo 137 || echo 143)
    fi
    [ "$operation" != pack-resume ] || may_leave=may-leave
    record "$operation" "$code" "$may_leave"
}

# --- Two processes on one target: one or both may be told that it is there or in use, but the target is complete.
two_processes() {
    local operation with i codes
    begin two-processes
    for operation in "${operations[@]}"; do
        for with in 0 1; do
            for i in 1 2; do
                prepare "$operation" "$with"
                local force=()
                [ "$with" = 0 ] || force=(--force)
                run "$operation" "${force[@]}" >output 2>errors1 &
                first=$!
                sleep "0.0$((RANDOM % 10))"
                run "$operation" "${force[@]}" >output 2>errors2
                second=$?
                wait "$first"
                codes="$? $second"
                cat errors1 errors2 >errors
                trials[$fault]=$((trials[$fault] + 1))
                if is_complete "$operation"; then complete[$fault]=$((complete[$fault] + 1)); else complain "$operation: no complete target ($codes)"; fi
                case $codes in
                    "0 0") [ "$with" = 1 ] || complain "$operation: both say that they made the target" ;;
                    "0 2" | "2 0" | "0 5" | "5 0") refused[$fault]=$((refused[$fault] + 1)) ;;
                    *) complain "$operation: exit codes $codes" ;;
                esac
                if [ "$(find "$place" -mindepth 1 -name '.*' | wc -l)" != 0 ]; then
                    left[$fault]=$((left[$fault] + 1))
                    complain "$operation: left $(find "$place" -mindepth 1 -name '.*' | head -3 | tr '\n' ' ')"
                fi
            done
        done
    done
}

# --- Few file descriptors, and little memory.
descriptors() {
    local operation limit
    begin descriptors
    for operation in "${operations[@]}"; do
        for limit in 256 100 80 64; do
            before=(bash -c 'ulimit -n "$0"; exec "$@"' "$limit")
            attempt "$operation" 0
        done
    done
    before=()
}

memory() {
    local operation limit
    begin memory
    for operation in "${operations[@]}"; do
        for limit in 0x1800000 0x2800000 0x3000000 0x4000000; do
            before=(env "DOTNET_GCHeapHardLimit=$limit")
            attempt "$operation" 0
            [[ $operation != pack* ]] || attempt "$operation" 1 "" --level max
        done
    done
    before=()
}

# --- Nobody to hear: standard output and standard error that are full.
full_streams() {
    local operation
    begin full-streams
    for operation in "${operations[@]}"; do
        before=(bash -c 'exec "$@" >/dev/full' full)
        attempt "$operation" 0
        before=(bash -c '"$@" 2>/dev/full; code=$?; echo "modelpack: exit code $code" >&2; exit $code' full)
        attempt "$operation" 1 "" --nonsense
    done
    before=()
}

started=$(milliseconds)
step() { ! is_wanted "$1" || { "${@:2}"; echo "faults: $1, $(($(milliseconds) - started)) ms" >&2; }; }
step disk-full disk_full
step file-limit file_limit
step read-error failing_calls read-error read 5 20 "$work"
step write-error failing_calls write-error write 5 20 "$work/place"
step quota failing_calls quota write 122 20 "$work/place"
step sync-error failing_calls sync-error sync 5 1 "$work/place"
step rename-error failing_calls rename-error rename 5 1 "$work/place"
step short-transfers short_transfers
step source-changed source_changes
step other-device other_device
step no-permission no_permission
step kill signals kill KILL 100 may-leave
step interrupt signals interrupt INT 50 ""
step terminate signals terminate TERM 50 ""
step two-processes two_processes
step descriptors descriptors
step memory memory
step full-streams full_streams

printf '\n| %-14s | %6s | %15s | %10s | %7s | %9s | %13s |\n' fault trials "complete target" "old target" refused leftovers "silent errors"
printf '|---|---:|---:|---:|---:|---:|---:|\n'
for name in "${names[@]}"; do
    printf '| %-14s | %6d | %15d | %10d | %7d | %9d | %13d |\n' \
        "$name" "${trials[$name]}" "${complete[$name]}" "${old[$name]}" "${refused[$name]}" "${left[$name]}" "${silent[$name]}"
done
[ ${#skipped[@]} = 0 ] || printf 'skipped: %s\n' "${skipped[@]}"
exit $bad
