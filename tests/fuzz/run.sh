#!/usr/bin/env bash
# Builds the fuzz targets and runs each for SECONDS, three at a time, beginning with its seeds. Says
# how many inputs each ran; an input that broke something is kept in build/fuzz/findings, and the
# run fails.
#   tests/fuzz/run.sh SECONDS [TARGET...]
# To look at a finding: build/fuzz/tests/fuzz/fuzz_TARGET build/fuzz/findings/TARGET/crash-...
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:?usage: tests/fuzz/run.sh SECONDS [TARGET...]}
shift
build=build/fuzz

cmake --preset fuzz --log-level=WARNING
cmake --build --preset fuzz

# Each line of a .lines file is a seed, with its line's end; other files are seeds as they are.
prepare_seeds() {
    local name=$1 to=$build/seeds/$1 file
    rm -rf "$to"
    mkdir -p "$to"
    for file in "tests/fuzz/corpus/$name"/*; do
        if [[ $file == *.lines ]]; then
            split -l 1 -d -a 4 "$file" "$to/$(basename "$file" .lines)-"
        else
            cp "$file" "$to/"
        fi
    done
}

run_one() {
    local build=$1 seconds=$2 name=$3 status=0 done_count
    local log=$build/$name.log findings=$build/findings/$name
    # What is found on the way is kept for the next run, but not among the seeds.
    mkdir -p "$build/corpus/$name" "$findings"
    "$build/tests/fuzz/fuzz_$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
        -max_len=4096 -print_final_stats=1 -verbosity=0 -artifact_prefix="$findings/" \
        "$build/corpus/$name" "$build/seeds/$name" >"$log" 2>&1 || status=$?
    done_count=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    if [ "$status" -eq 0 ] && [ "${done_count:-0}" -gt 0 ]; then
        echo "fuzz $name: ok, $done_count executions in $seconds s"
    else
        echo "fuzz $name: FAILED after ${done_count:-no} executions"
        tail -n 60 "$log"
        return 1
    fi
}
export -f run_one

targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
    for source in tests/fuzz/*.cpp; do targets+=("$(basename "$source" .cpp)"); done
fi
for target in "${targets[@]}"; do prepare_seeds "$target"; done
printf '%s\n' "${targets[@]}" |
    xargs -P 3 -I{} bash -euo pipefail -c 'run_one "$@"' run_one "$build" "$seconds" {}
