# shellcheck shell=bash disable=SC2034,SC2154  # part of run.sh
# nginx as a file server, plain and with TLS. The program also gets
#   COKINO_ORACLE_TLS_ENDPOINT, COKINO_ORACLE_CA    https://127.0.0.1:PORT, and whom to trust (PEM)
#   COKINO_ORACLE_FILES                             the folder that is served; put files there
#   COKINO_ORACLE_LOG                               a line for each request, written when it ends:
#       METHOD PATH STATUS BODY_BYTES_SENT RANGE IF_RANGE     with - for a header that was not sent
# The same files stand under
#   /          as fast as it goes
#   /paced/    at 32 MiB a second
#   /drip/     512 KiB at once and then 64 KiB each second
#   /signed/   like /drip/, for links of secure_link alone: ?md5=...&expires=EPOCH, where md5 is the
#              base64url of the MD5 of "EPOCH/signed/NAME COKINO_ORACLE_SECRET"; 410 when expired

need_nginx() {
    PATH=$PATH:/usr/sbin:/sbin
    needs nginx openssl
    # "nginx -V" prints to stderr.
    [[ $(nginx -V 2>&1) == *http_secure_link_module* ]] || skip "nginx: built without secure_link"
}

start_nginx() {
    local plain tls
    read -r plain tls < <(free_ports 2)
    COKINO_ORACLE_ENDPOINT=http://127.0.0.1:$plain
    COKINO_ORACLE_REGION='' COKINO_ORACLE_KEY_ID='' COKINO_ORACLE_BUCKET=''
    COKINO_ORACLE_SECRET=$(openssl rand -hex 16)
    export COKINO_ORACLE_TLS_ENDPOINT=https://127.0.0.1:$tls COKINO_ORACLE_CA=$folder/ca.pem
    export COKINO_ORACLE_FILES=$folder/files COKINO_ORACLE_LOG=$folder/access

    mkdir "$folder/files" "$folder/tmp"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 \
        -subj '/CN=cokino oracle' -addext subjectAltName=IP:127.0.0.1 \
        -keyout "$folder/key.pem" -out "$folder/ca.pem" || return 1
    # One process, which dies with this script; so what it has logged is known after any answer.
    cat >"$folder/nginx.conf" <<END
daemon off;
master_process off;
pid $folder/nginx.pid;
error_log $folder/error.log;
events {
    worker_connections 512;
}
http {
    log_format one '\$request_method \$uri \$status \$body_bytes_sent \$http_range \$http_if_range';
    access_log $folder/access one;
    client_body_temp_path $folder/tmp/body;
    proxy_temp_path $folder/tmp/proxy;
    fastcgi_temp_path $folder/tmp/fastcgi;
    uwsgi_temp_path $folder/tmp/uwsgi;
    scgi_temp_path $folder/tmp/scgi;
    types {
        video/mp4 mp4;
    }
    sendfile on;
    server {
        listen 127.0.0.1:$plain;
        listen 127.0.0.1:$tls ssl;
        ssl_certificate $folder/ca.pem;
        ssl_certificate_key $folder/key.pem;
        root $folder/files;
        location /paced/ {
            alias $folder/files/;
            limit_rate 32m;
        }
        location /drip/ {
            alias $folder/files/;
            limit_rate_after 512k;
            limit_rate 64k;
        }
        location /signed/ {
            secure_link \$arg_md5,\$arg_expires;
            secure_link_md5 "\$secure_link_expires\$uri $COKINO_ORACLE_SECRET";
            if (\$secure_link = "") {
                return 403;
            }
            if (\$secure_link = "0") {
                return 410;
            }
            alias $folder/files/;
            limit_rate_after 512k;
            limit_rate 64k;
        }
        location = /ping {
            return 204;
        }
    }
}
END
    daemon nginx nginx -e "$folder/error.log" -p "$folder" -c "$folder/nginx.conf"
    until_true 10 curl -sf --max-time 2 "$COKINO_ORACLE_ENDPOINT/ping"
}
