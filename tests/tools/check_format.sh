#!/usr/bin/env bash
# clang-format and codespell over the tree. With --fix it rewrites what clang-format would. Exit
# status 77: clang-format-19 or codespell is not installed.
set -euo pipefail
cd "$(dirname "$0")/../.."

for tool in clang-format-19 codespell; do
    if ! command -v $tool >/dev/null; then
        echo "skipped: $tool is not installed"
        exit 77
    fi
done
mapfile -t files < <(find include tests examples benchmarks \
    \( -name '*.hpp' -o -name '*.ipp' -o -name '*.cpp' \) ! -path 'tests/tools/fixtures/*' | sort)
if [ "${1:-}" = --fix ]; then
    clang-format-19 -i "${files[@]}"
    exit 0
fi
status=0
unformatted=$(printf '%s\0' "${files[@]}" | xargs -0 -n 16 -P 2 clang-format-19 --dry-run 2>&1 |
    sed -n 's/^\([^:]*\):[0-9]*:[0-9]*: warning:.*/\1/p' | sort -u)
if [ -n "$unformatted" ]; then
    status=1
    sed 's/$/: FORMAT: tests\/tools\/check_format.sh --fix/' <<<"$unformatted"
fi
codespell --skip='*.mp4,*.pem,tests/fuzz/corpus' --ignore-words-list='ist,hel,nd,ot,te,fo' \
    README.md include tests examples benchmarks tools cmake .ci ||
    status=1
exit $status
