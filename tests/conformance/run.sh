#!/usr/bin/env bash
# run.sh NAME PROGRAM FOLDER: the tests of NAME.test.mjs, with the hosts' own clients installed in
# FOLDER, against the fake host PROGRAM. Exit status 77: node, npm or the clients cannot be had.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
name=$1
program=$(realpath "$2")
folder=$3

for tool in node npm; do
    if ! command -v $tool >/dev/null; then
        echo "skipped: $tool is not installed"
        exit 77
    fi
done
if [ "$(node -p 'process.versions.node.split(".")[0]')" -lt 18 ]; then
    echo "skipped: node $(node --version) is older than 18"
    exit 77
fi

mkdir -p "$folder"
exec 9>"$folder/lock" # the tests share one installation
flock 9
if ! cmp -s "$here/package.json" "$folder/installed.json"; then
    cp "$here/package.json" "$folder/package.json"
    if ! (cd "$folder" && npm install --no-package-lock --no-audit --no-fund --ignore-scripts) \
        >"$folder/npm.log" 2>&1; then
        cat "$folder/npm.log"
        echo "skipped: npm could not install the clients"
        exit 77
    fi
    cp "$here/package.json" "$folder/installed.json"
fi
cp "$here"/*.mjs "$folder"
flock -u 9

cd "$folder"
# No key of the user's goes anywhere, whatever a client reads from the environment.
exec env -u FAL_KEY -u FAL_KEY_ID -u FAL_KEY_SECRET -u REPLICATE_API_TOKEN \
    COKINO_FAKE_HOST="$program" node --test --test-reporter=spec "$name.test.mjs"
