# shellcheck shell=bash disable=SC2034,SC2154  # part of run.sh
# OpenStack Swift with s3api: a proxy, an account, a container and an object server, memcached.

need_swift() {
    PATH=$PATH:/usr/sbin:/sbin
    needs swift-proxy-server swift-account-server swift-container-server swift-object-server \
        memcached
    /usr/bin/python3 -c 'import swift' 2>/dev/null || skip "swift: its Python module is missing"
    # Objects carry their metadata as extended attributes, which an old tmpfs does not have.
    if ! keeps_attributes "${TMPDIR:-/tmp}"; then
        keeps_attributes /var/tmp || skip "swift: no file system with extended attributes"
        export TMPDIR=/var/tmp
    fi
}

keeps_attributes() {
    local file status=0
    file=$(mktemp "$1/cokino-swift.XXXXXX") || return 1
    python3 -c 'import os, sys; os.setxattr(sys.argv[1], "user.x", b"1")' "$file" 2>/dev/null ||
        status=1
    rm -f "$file"
    return $status
}

# Swift reads /etc/swift/swift.conf whatever it is told; so it is told before it looks. What this
# machine has there is neither read nor touched.
swift_python() {
    daemon "$1" /usr/bin/python3 -c 'import runpy, sys
from swift.common import utils
utils.SWIFT_CONF_FILE = sys.argv[1]
sys.argv = sys.argv[2:]
runpy.run_path(sys.argv[0], run_name="__main__")' \
        "$folder/swift.conf" "$(command -v "swift-$1-server")" --verbose "$folder/$1.conf"
}

# rings OBJECT CONTAINER ACCOUNT: one device each, on these ports. What nine runs of
# swift-ring-builder do, in one.
rings() {
    /usr/bin/python3 -c 'import os, sys
from swift.common.ring import RingBuilder
for kind, port in zip(("object", "container", "account"), map(int, sys.argv[2:])):
    ring = RingBuilder(4, 1, 1)
    ring.add_dev(dict(region=1, zone=1, ip="127.0.0.1", port=port, replication_ip="127.0.0.1",
                      replication_port=port, device="d1", weight=1.0, meta=""))
    ring.rebalance()
    ring.get_ring().save(os.path.join(sys.argv[1], kind + ".ring.gz"))' "$folder" "$@"
}

start_swift() {
    local object container account proxy cache kind port
    read -r object container account proxy cache < <(free_ports 5)
    COKINO_ORACLE_ENDPOINT=http://127.0.0.1:$proxy
    COKINO_ORACLE_REGION=us-east-1
    COKINO_ORACLE_KEY_ID=test:tester
    COKINO_ORACLE_SECRET=testing
    COKINO_ORACLE_BUCKET=clips

    mkdir -p "$folder/srv/d1"
    cat >"$folder/swift.conf" <<END
[swift-hash]
swift_hash_path_prefix = cokino
swift_hash_path_suffix = oracle
[storage-policy:0]
name = only
default = yes
END
    for kind in object container account; do
        port=${!kind}
        cat >"$folder/$kind.conf" <<END
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = $port
workers = 0
user = $(id -un)
swift_dir = $folder
devices = $folder/srv
mount_check = false
recon_cache_path = $folder
[pipeline:main]
pipeline = healthcheck $kind-server
[app:$kind-server]
use = egg:swift#$kind
node_timeout = 60
conn_timeout = 10
[filter:healthcheck]
use = egg:swift#healthcheck
END
    done
    rings "$object" "$container" "$account" || return 1
    cat >"$folder/proxy.conf" <<END
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = $proxy
workers = 0
user = $(id -un)
swift_dir = $folder
[pipeline:main]
pipeline = catch_errors gatekeeper healthcheck proxy-logging cache listing_formats s3api tempauth
    slo dlo versioned_writes proxy-logging proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
node_timeout = 60
conn_timeout = 10
error_suppression_limit = 1000000
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:gatekeeper]
use = egg:swift#gatekeeper
[filter:healthcheck]
use = egg:swift#healthcheck
[filter:proxy-logging]
use = egg:swift#proxy_logging
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:$cache
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:s3api]
use = egg:swift#s3api
location = $COKINO_ORACLE_REGION
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = $COKINO_ORACLE_SECRET .admin
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
[filter:versioned_writes]
use = egg:swift#versioned_writes
allow_versioned_writes = true
END
    daemon memcached memcached -u "$(id -un)" -l 127.0.0.1 -p "$cache"
    for kind in object container account proxy; do
        swift_python $kind
    done
    # A proxy that finds one of the others missing shuns it for a minute; so first all of them.
    for port in "$object" "$container" "$account" "$proxy"; do
        until_true 30 curl -sf --max-time 5 "http://127.0.0.1:$port/healthcheck" || return 1
    done
    until_true 20 make_bucket "$COKINO_ORACLE_ENDPOINT/$COKINO_ORACLE_BUCKET" \
        "$COKINO_ORACLE_KEY_ID" "$COKINO_ORACLE_SECRET" "$COKINO_ORACLE_REGION"
}
