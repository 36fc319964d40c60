# shellcheck shell=bash disable=SC2034,SC2154  # part of run.sh
# Ceph RGW: one monitor, one OSD in memory, the gateway. No manager, no authentication inside.

need_rgw() {
    # The packages are radosgw ceph-mon ceph-osd ceph-common; some put their programs into sbin.
    PATH=$PATH:/usr/sbin:/sbin
    needs radosgw ceph-mon ceph-osd ceph radosgw-admin monmaptool uuidgen
}

osd_is_up() {
    [[ $(ceph --connect-timeout 5 osd stat) == *' 1 up '* ]]
}

start_rgw() {
    local cluster monitor gateway part
    cluster=$(uuidgen)
    read -r monitor gateway < <(free_ports 2)
    COKINO_ORACLE_ENDPOINT=http://127.0.0.1:$gateway
    COKINO_ORACLE_REGION=us-east-1
    COKINO_ORACLE_KEY_ID=AKTEST
    COKINO_ORACLE_SECRET=SKTEST
    COKINO_ORACLE_BUCKET=clips

    mkdir "$folder"/{mon,osd,run,rgw}
    export CEPH_CONF=$folder/ceph.conf
    cat >"$CEPH_CONF" <<END
[global]
fsid=$cluster
mon_initial_members=a
mon_host=v1:127.0.0.1:$monitor
ms_bind_msgr2=false
public_addr=127.0.0.1
cluster_addr=127.0.0.1
auth_cluster_required=none
auth_service_required=none
auth_client_required=none
osd_pool_default_size=1
osd_pool_default_min_size=1
osd_pool_default_pg_num=1
osd_pool_default_pg_autoscale_mode=off
mon_allow_pool_size_one=true
osd_crush_chooseleaf_type=0
osd_class_update_on_start=false
osd_crush_update_on_start=false
osd_objectstore=memstore
memstore_device_bytes=1073741824
mon_data_avail_warn=0
mon_data_avail_crit=0
mon_data=$folder/mon
osd_data=$folder/osd
rgw_data=$folder/rgw
run_dir=$folder/run
admin_socket=$folder/run/\$name.asok
crash_dir=$folder/run
log_file=$folder/\$name.log
rgw_frontends=beast endpoint=127.0.0.1:$gateway
rgw_thread_pool_size=8
rgw_gc_max_objs=1
rgw_lc_max_objs=1
rgw_num_control_oids=1
[client.rgw]
END
    step 20 monmaptool --create --clobber --fsid "$cluster" --addv a "[v1:127.0.0.1:$monitor]" \
        "$folder/monmap" || return 1
    step 20 ceph-mon --mkfs -i a --monmap "$folder/monmap" || return 1
    daemon mon ceph-mon -f -i a
    part=$(uuidgen)
    until_true 20 ceph --connect-timeout 5 osd new "$part" 0 || return 1
    # An OSD that says by itself where it stands may say so before it knows the cluster's id, is
    # refused then, and ends or waits for ever: one of five did on a busy machine.
    until_true 20 ceph --connect-timeout 5 osd crush add osd.0 1 root=default host=only || return 1
    step 20 ceph-osd -i 0 --mkfs --osd-uuid "$part" || return 1
    daemon osd ceph-osd -f -i 0
    # The next command would wait for it too, but longer than is worth waiting.
    until_true 20 osd_is_up || return 1
    # This makes the pools.
    step 60 radosgw-admin user create --uid=oracle --display-name=oracle \
        --access-key="$COKINO_ORACLE_KEY_ID" --secret="$COKINO_ORACLE_SECRET" || return 1
    daemon gateway radosgw -f -n client.rgw
    until_true 60 curl -sf --max-time 5 "$COKINO_ORACLE_ENDPOINT/" || return 1
    make_bucket "$COKINO_ORACLE_ENDPOINT/$COKINO_ORACLE_BUCKET" "$COKINO_ORACLE_KEY_ID" \
        "$COKINO_ORACLE_SECRET" "$COKINO_ORACLE_REGION"
}
