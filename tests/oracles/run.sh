#!/usr/bin/env bash
# run.sh rgw|swift|nginx PROGRAM [ARGS...]: starts a real server on free loopback ports, in a folder
# of its own and without systemd, and runs PROGRAM against it with these variables set:
#   COKINO_ORACLE_NAME       rgw, swift or nginx
#   COKINO_ORACLE_ENDPOINT   http://127.0.0.1:PORT
#   COKINO_ORACLE_REGION, COKINO_ORACLE_KEY_ID, COKINO_ORACLE_SECRET
#   COKINO_ORACLE_BUCKET     exists, and is empty (S3 only)
# and for nginx those that nginx.sh names. The exit status is the program's; 77, with a line
# "SKIPPED: reason", where the server is not installed or does not start; 124 when the whole takes
# longer than COKINO_ORACLE_SECONDS (240). Nothing is left running or lying about in any case.
# shellcheck disable=SC2317  # the functions are called by the part for each server
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

# Everything stays in one process group, which `timeout` ends as a whole. Whoever loses its parent
# dies with it, so that even a SIGKILL to one of these leaves nothing behind but the folder.
if [ "${COKINO_ORACLE_INSIDE:-}" != "$PPID" ]; then
    # exec keeps the process id, so that the script inside knows its parent by this number.
    COKINO_ORACLE_INSIDE=$$ exec setpriv --pdeathsig TERM timeout --kill-after=10 \
        "${COKINO_ORACLE_SECONDS:-240}" setpriv --pdeathsig KILL bash "$0" "$@"
fi
unset COKINO_ORACLE_INSIDE

skip() {
    echo "SKIPPED: $*"
    exit 77
}

name=${1:-}
case $name in
    rgw | swift | nginx) ;;
    *) echo "usage: run.sh rgw|swift|nginx PROGRAM [ARGS...]" >&2; exit 2 ;;
esac
[ $# -ge 2 ] || { echo "run.sh $name: which program?" >&2; exit 2; }
shift

# Whatever the user has set for servers of his own means nothing to these.
unset CEPH_CONF CEPH_ARGS CEPH_KEYRING
# A proxy in the environment is not asked about loopback.
export no_proxy=127.0.0.1 NO_PROXY=127.0.0.1

folder=
daemons=()
program=

end() {
    local status=$? pid
    trap - EXIT
    trap '' INT TERM HUP
    [ -z "$program" ] || kill -KILL "$program" 2>/dev/null || true
    stop_daemons
    [ -z "$folder" ] || rm -rf "$folder"
    exit "$status"
}
trap end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# What a daemon would still write belongs to a folder that is about to go: it need not say goodbye.
stop_daemons() {
    [ ${#daemons[@]} -gt 0 ] || return 0
    kill -KILL "${daemons[@]}" 2>/dev/null || true
    wait "${daemons[@]}" 2>/dev/null || true
    daemons=()
}

# daemon LOG COMMAND...: in our process group, and in the background of this script.
daemon() {
    local log=$1
    shift
    setpriv --pdeathsig KILL "$@" >>"$folder/$log.log" 2>&1 </dev/null &
    daemons+=($!)
}

# step SECONDS COMMAND...: waited for in such a way that a signal to this script is heard meanwhile.
step() {
    setpriv --pdeathsig KILL timeout --foreground --kill-after=1 "$1" \
        setpriv --pdeathsig KILL "${@:2}" </dev/null &
    wait $!
}

# needs TOOL...: or the oracle is skipped.
needs() {
    local tool
    for tool in "$@"; do
        command -v "$tool" >/dev/null || skip "$name: $tool is not installed"
    done
}

# free_ports COUNT: different ones, that nobody listens on now.
free_ports() {
    python3 -c 'import socket, sys
sockets = [socket.socket() for _ in range(int(sys.argv[1]))]
for s in sockets: s.bind(("127.0.0.1", 0))
print(*(s.getsockname()[1] for s in sockets))' "$1"
}

# until_true SECONDS COMMAND...: false when the time is over or a daemon has ended. The command must
# be a short one.
until_true() {
    local last=$((SECONDS + $1)) pid
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$last" ] || return 1
        for pid in "${daemons[@]}"; do
            kill -0 "$pid" 2>/dev/null || return 1
        done
        sleep 0.1
    done
}

# make_bucket URL KEY SECRET REGION. The key may hold a colon, which only curl's URL can say; and
# curl 7.88 signs for S3 but leaves the header with the hash to its user.
make_bucket() {
    local user=${2/:/%3A}
    curl -sSf --max-time 5 -X PUT --aws-sigv4 "aws:amz:$4:s3" \
        -H 'x-amz-content-sha256: UNSIGNED-PAYLOAD' "${1/:\/\//:\/\/$user:$3@}"
}

# shellcheck source=/dev/null
. "$here/$name.sh"
needs python3 curl setpriv
"need_$name"

started=false
for attempt in 1 2 3; do # a port that was free may be gone when the server wants it
    folder=$(mktemp -d "${TMPDIR:-/tmp}/cokino-$name.XXXXXX")
    if "start_$name" >"$folder/start.log" 2>&1; then
        started=true
        break
    fi
    echo "run.sh $name: attempt $attempt to start it failed; the ends of its logs:" >&2
    tail -n 15 "$folder"/*.log >&2
    stop_daemons
    rm -rf "$folder"
done
$started || skip "$name is installed, but does not start"
echo "oracle $name: up after $SECONDS s at $COKINO_ORACLE_ENDPOINT"

export COKINO_ORACLE_NAME=$name
export COKINO_ORACLE_ENDPOINT COKINO_ORACLE_REGION COKINO_ORACLE_KEY_ID COKINO_ORACLE_SECRET
export COKINO_ORACLE_BUCKET
# In the background, since a trap only runs when the shell need not wait for a command.
setpriv --pdeathsig KILL "$@" &
program=$!
status=0
wait "$program" || status=$?
program=
echo "oracle $name: exit status $status after $SECONDS s"
exit "$status"
