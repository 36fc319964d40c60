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
printf '%s\0' "${files[@]}" | xargs -0 -n 16 -P 2 clang-format-19 --dry-run --Werror 2>&1 |
    grep 'error:' | sed 's/error: code should be clang-formatted.*/FORMAT: tests\/tools\/check_format.sh --fix/' || true
[ "${PIPESTATUS[0]}" -eq 0 ] || status=1
codespell --skip='*.mp4,*.pem' --ignore-words-list='nd,ot,te,anull,fo,hart' \
    README.md include tests examples benchmarks tools cmake .ci ||
    status=1
exit $status
