#!/usr/bin/env python3
# Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
"""What does a download to disk cost, and how long does it keep the event loop from its work?

Runs curl, aria2c and cokino in turn, A B C A B C ..., against one nginx on loopback, plain and over
TLS 1.3, to a directory on a real disk: one file of 1 GiB, and 100 files of 20 MiB, eight at a time.
CPU time is that of all processes and threads of a rival, peak memory that of its largest process.
Ratios are taken round by round; each program has one core and nginx the other. All verify the
server's certificate. The load average says how quiet the machine was.

    download.py BUILD_DIR [--rounds 3] [--sets one,one_tls,many,many_tls,late] [--to DIR]

Three comparisons come from the same runs. Without a digest: the bare rivals, and cokino with its
SHA-256 switched off. With one: curl followed by `openssl dgst -sha256` of what it brought, aria2c
with `--checksum=sha-256=...`, and cokino as it is when nothing is set. And that default against the
bare rivals, which do less. The digests that openssl prints are looked at, and aria2c has to refuse
a wrong one before it is measured. "Cached" writes through the system's cache, as the rivals do.

The set `late` runs eight downloads with a timer of 1 ms on the same loop, alone and beside a
process that writes to the same disk and syncs, and prints how late the timer came.

Needs nginx, curl and aria2:  apt-get install --no-install-recommends nginx-light aria2 curl
"""
import argparse
import hashlib
import json
import os
import shlex
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

ONE = 1 << 30
SMALL = 20 << 20
COUNT = 100
AT_ONCE = 8

NGINX = """
{user}
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
daemon off;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  default_type video/mp4;
  sendfile on; tcp_nopush on;
  keepalive_timeout 600; keepalive_requests 1000000;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  ssl_protocols TLSv1.3;
  server {{
    listen 127.0.0.1:{plain};
    listen 127.0.0.1:{tls} ssl;
    ssl_certificate {folder}/cert.pem; ssl_certificate_key {folder}/key.pem;
    root {folder}/files;
  }}
}}
"""


# curl's row, aria2's and ours, bare and with a digest. For many files curl runs as `curl -Z`.
EQUAL_ROWS = ["curl", "aria2c", "cokino, no digest",
              "curl, openssl dgst", "aria2c --checksum", "cokino"]


def need(program):
    path = shutil.which(program) or shutil.which(program, path="/usr/sbin:/sbin")
    if not path:
        sys.exit(f"{program} is not installed")
    return path


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def sha256_of(path):
    with open(path, "rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()


def pinned(cpu, command):
    if shutil.which("taskset") and (os.cpu_count() or 1) > 1:
        return ["taskset", "-c", str(cpu)] + command
    return command


def certificate(folder):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-keyout",
                    f"{folder}/key.pem", "-out", f"{folder}/cert.pem", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=IP:127.0.0.1"], check=True,
                   stderr=subprocess.DEVNULL)


class Nginx:
    """An nginx of our own: its files, ports and certificate in one folder."""

    def __init__(self, folder):
        self.folder, self.ports = folder, {"plain": free_port(), "tls": free_port()}
        user = "user root;" if os.geteuid() == 0 else "" # else its worker may not see the folder
        with open(f"{folder}/nginx.conf", "w", encoding="utf-8") as f:
            f.write(NGINX.format(user=user, folder=folder, **self.ports))
        self.process = subprocess.Popen(
            pinned(1, [need("nginx"), "-p", folder, "-c", f"{folder}/nginx.conf"]),
            stderr=subprocess.DEVNULL)
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", self.ports["tls"]), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        sys.exit("nginx did not start: " + open(f"{folder}/error.log", encoding="utf-8").read())

    def base(self, tls):
        kind = "tls" if tls else "plain"
        return f"{'https' if tls else 'http'}://127.0.0.1:{self.ports[kind]}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=10)


class Job:
    """What one set fetches, and each rival's command for it."""

    def __init__(self, args, server, tls, many):
        self.args, self.tls, self.many, self.base = args, tls, many, server.base(tls)
        self.ca = f"{server.folder}/cert.pem"
        self.names = [f"s{i:03}.mp4" for i in range(COUNT)] if many else ["one.mp4"]
        self.bytes = sum(os.path.getsize(f"{server.folder}/files/{n}") for n in self.names)
        self.list = f"{server.folder}/list"
        self.digest = sha256_of(f"{server.folder}/files/{self.names[0]}") # all are the same

    def curl(self):
        safe = ["--cacert", self.ca] if self.tls else []
        if not self.many:
            return ["curl", "-sf", *safe, "-o", f"{self.args.to}/one.mp4", f"{self.base}/one.mp4"]
        with open(self.list + ".curl", "w", encoding="utf-8") as f:
            for n in self.names:
                f.write(f'url="{self.base}/{n}"\noutput="{self.args.to}/{n}"\n')
        return ["curl", "-sf", *safe, "-Z", "--parallel-max", str(AT_ONCE), "-K",
                self.list + ".curl"]

    def curl_and_openssl(self):
        """The digest as most scripts take it, by the fastest program that is everywhere."""
        got = [f"{self.args.to}/{n}" for n in self.names]
        return ["sh", "-c", f"{shlex.join(self.curl())} && openssl dgst -sha256 {shlex.join(got)}"]

    def aria2(self, digest=None):
        safe = [f"--ca-certificate={self.ca}"] if self.tls else []
        command = ["aria2c", "-q", "--no-conf", "--file-allocation=none", "-x1", "-s1", *safe, "-d",
                   self.args.to]
        if not self.many:
            check = [f"--checksum=sha-256={digest}"] if digest else []
            return command + [*check, "-j1", "-o", "one.mp4", f"{self.base}/one.mp4"]
        check = f"  checksum=sha-256={digest}\n" if digest else ""
        path = self.list + ".aria2-" + (digest or "bare")
        with open(path, "w", encoding="utf-8") as f:
            f.write("".join(f"{self.base}/{n}\n{check}" for n in self.names))
        return command + [f"-j{AT_ONCE}", "-i", path]

    def cokino(self, *flags, at_once=None):
        safe = ["--ca", self.ca] if self.tls else []
        at_once = at_once or (AT_ONCE if self.many else 1)
        return [self.args.program, "get", self.base, self.args.to, str(at_once), *safe, *flags,
                *self.names]

    def rivals(self):
        rows = {"curl": self.curl(),
                "aria2c": self.aria2(),
                "cokino, no digest": self.cokino("--no-digest"),
                "curl, openssl dgst": self.curl_and_openssl(),
                "aria2c --checksum": self.aria2(self.digest),
                "cokino": self.cokino(),
                "cokino, cached": self.cokino("--cached")}
        if self.many:
            rows["cokino, 100 at once"] = self.cokino(at_once=COUNT)
        return rows

    def comparisons(self):
        """Who is measured by whom: curl's row, aria2's, ours."""
        rest = [name for name in self.rivals() if name not in EQUAL_ROWS]
        return {"no digest anywhere": EQUAL_ROWS[:3],
                "SHA-256 everywhere": EQUAL_ROWS[3:],
                "cokino's default, with SHA-256, against bare rivals":
                    [*EQUAL_ROWS[:2], "cokino", *rest]}

    def check_aria2_verifies(self):
        """A wrong digest has to be refused, in the very command that is measured."""
        command = self.aria2("0" * 64)
        done = subprocess.run(command, check=False, stdout=subprocess.DEVNULL)
        if done.returncode != 32: # "checksum validation failed"
            sys.exit(f"aria2c did not refuse a wrong digest: it ended with {done.returncode}")

    def check_openssl_did(self, printed):
        found = [line.rsplit("= ", 1)[1] for line in printed if line.startswith("SHA2-256(")]
        if found != [self.digest] * len(self.names):
            sys.exit("openssl dgst did not print the digest of each file")


def empty(folder):
    """Nothing of an earlier run is left on the way to the disk."""
    for name in os.listdir(folder):
        os.unlink(os.path.join(folder, name))
    os.sync()


def run(job, command):
    empty(job.args.to)
    began = time.monotonic()
    out = subprocess.run(pinned(0, [job.args.program, "run", *command]), check=True,
                         capture_output=True, text=True).stdout
    wall = time.monotonic() - began
    *printed, last = out.splitlines()
    used = json.loads(last)
    if command[0] == "sh":
        job.check_openssl_did(printed)
    got = sum(os.path.getsize(os.path.join(job.args.to, n)) for n in os.listdir(job.args.to))
    if got != job.bytes:
        sys.exit(f"{command[0]} brought {got} of {job.bytes} bytes")
    cpu = used["user_s"] + used["system_s"]
    return {"mb_per_cpu_s": job.bytes / 1e6 / cpu, "mb_per_s": job.bytes / 1e6 / wall, **used}


def summary(runs, curl, aria2):
    """Medians of one row, and of its ratios to two others, taken round by round."""
    rates = [r["mb_per_cpu_s"] for r in runs]
    row = {f: statistics.median(r[f] for r in runs) for f in runs[0]}
    row["peak_mib"] = max(r["peak_mib"] for r in runs)
    row["range"] = [min(rates), max(rates)]
    for rival, theirs in (("curl", curl), ("aria2", aria2)):
        ratios = [a / b["mb_per_cpu_s"] for a, b in zip(rates, theirs)]
        row[f"x_{rival}"] = statistics.median(ratios)
        row[f"x_{rival}_range"] = [min(ratios), max(ratios)]
    return row


def compare(job, title, rounds):
    rivals = job.rivals()
    runs = {name: [] for name in rivals}
    job.check_aria2_verifies()
    load = []
    for _ in range(rounds):
        for name, command in rivals.items():
            runs[name].append(run(job, command))
        load.append(os.getloadavg()[0])
    print(f"\n{title}, {rounds} rounds, load average {min(load):.1f} to {max(load):.1f}")
    result = {"set": title, "load": load, "comparisons": {}}
    for what, names in job.comparisons().items():
        rows = {name: summary(runs[name], runs[names[0]], runs[names[1]]) for name in names}
        result["comparisons"][what] = rows
        print(f"{what}\n{'':20} {'MB/CPU-s':>9} {'(range)':>13} {'x curl':>7} {'(range)':>11} "
              f"{'x aria2':>8} {'user s':>7} {'sys s':>6} {'MB/s':>6} {'peak MiB':>9}")
        for name, row in rows.items():
            low, high = row["range"]
            worst, best = row["x_curl_range"]
            print(f"{name:20} {row['mb_per_cpu_s']:9.0f} {low:6.0f}-{high:<6.0f} "
                  f"{row['x_curl']:7.2f} {worst:6.2f}-{best:<4.2f} {row['x_aria2']:8.2f} "
                  f"{row['user_s']:7.2f} {row['system_s']:6.2f} {row['mb_per_s']:6.0f} "
                  f"{row['peak_mib']:9.1f}", flush=True)
    return result


def lateness(job, rounds):
    """How late a timer of 1 ms comes on the loop of eight downloads."""
    print(f"\nhow late a timer of 1 ms comes, {AT_ONCE} downloads at once, {rounds} rounds")
    job.names = job.names[:40]
    result = {"set": "late", "rows": {}}
    for load in (False, True):
        runs = []
        for _ in range(rounds):
            empty(job.args.to)
            writer = None
            if load:
                dirty = shlex.quote(os.path.join(job.args.to, "dirty"))
                writer = subprocess.Popen(
                    ["sh", "-c", f"while :; do dd if=/dev/zero of={dirty} bs=1M count=512 "
                                 "conv=notrunc 2>/dev/null; sync; done"], start_new_session=True)
                time.sleep(1)
            out = subprocess.run(job.cokino("--lateness"), check=True, capture_output=True,
                                 text=True).stdout
            if writer:
                os.killpg(writer.pid, 9)
                writer.wait()
            runs.append(json.loads(out))
        name = "beside dd and sync" if load else "alone"
        row = {f: statistics.median(r[f] for r in runs) for f in runs[0]}
        for figure in ("worst_ms", "worst_own_ms"):
            row[figure] = max(r.get(figure, 0) for r in runs)
        row["worst_ms_all"] = [r["worst_ms"] for r in runs]
        result["rows"][name] = row
        print(f"{name:20} median {row['median_ms']:.2f} ms, 99 % {row['p99_ms']:.2f} ms, 99.9 % "
              f"{row['p999_ms']:.2f} ms, worst {row['worst_ms']:.1f} ms "
              f"({', '.join(format(w, '.1f') for w in row['worst_ms_all'])}), less the waits for a "
              f"processor {row['worst_own_ms']:.1f} ms", flush=True)
    return result


def make_files(program, folder, sets):
    os.mkdir(f"{folder}/files")
    if any(s.startswith("one") for s in sets):
        subprocess.run([program, "make", f"{folder}/files/one.mp4", str(ONE)], check=True)
    if any(not s.startswith("one") for s in sets):
        subprocess.run([program, "make", f"{folder}/files/s000.mp4", str(SMALL)], check=True)
        for i in range(1, COUNT):
            os.link(f"{folder}/files/s000.mp4", f"{folder}/files/s{i:03}.mp4")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--program", help="another build of benchmarks/download")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sets", default="one,one_tls,many,many_tls,late")
    parser.add_argument("--to", help="where the files go; a directory of the benchmark's own in it")
    parser.add_argument("--json")
    args = parser.parse_args()
    args.program = args.program or os.path.join(args.build, "benchmarks", "download")
    if not os.access(args.program, os.X_OK):
        sys.exit(f"{args.program} is not there: build the benchmarks first")
    for rival in ("curl", "aria2c", "openssl"):
        need(rival)
    sets = args.sets.split(",")
    results = []
    with tempfile.TemporaryDirectory() as folder, \
         tempfile.TemporaryDirectory(dir=args.to) as target:
        args.to = target
        os.chmod(folder, 0o755)
        certificate(folder)
        make_files(args.program, folder, sets)
        with Nginx(folder) as server:
            for name in sets:
                if name == "late":
                    results.append(lateness(Job(args, server, True, True), args.rounds))
                    continue
                job = Job(args, server, name.endswith("_tls"), name.startswith("many"))
                what = f"{COUNT} x 20 MiB" if job.many else "1 GiB"
                title = f"{what}, {'TLS 1.3' if job.tls else 'plain'}"
                results.append(compare(job, title, args.rounds))
    if args.json:
        with open(args.json, "w", encoding="utf-8") as f:
            f.write(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
