#!/usr/bin/env python3
# Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
"""How much does one submit cost, with 64 of them under way on one thread?

Runs the full stack of cokino and its rivals in turn, A B C A B C ..., against one local server that
is faster than all of them, plain and over TLS, and prints medians and ratios taken round by round.
Requests per second are a note only: on a shared machine they say more about the neighbours.

    concurrent_submissions.py BUILD_DIR [--rounds 3] [--seconds 2] [--counts] [--json FILE]

--counts adds user instructions (callgrind, the difference of two runs) and system calls (strace).
"""
import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

CONNECTIONS = 64


def build_dir_program(build, name, needed=True):
    for folder in (build, os.path.join(build, "benchmarks")):
        path = os.path.join(folder, name)
        if os.access(path, os.X_OK):
            return path
    if not needed:
        return None
    sys.exit(f"{name} is not in {build}: build the benchmarks first")


def certificate(folder):
    cert, key = os.path.join(folder, "cert.pem"), os.path.join(folder, "key.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-keyout", key, "-out",
                    cert, "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
                   check=True, stderr=subprocess.DEVNULL)
    return cert, key


def pinned(cpu, command):
    """The server on one core and the client on the other, where there are two."""
    if shutil.which("taskset") and (os.cpu_count() or 1) > 1:
        return ["taskset", "-c", str(cpu)] + command
    return command


class Server:
    def __init__(self, program, tls_files):
        self.process = subprocess.Popen(pinned(1, [program, *tls_files]), stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.port = self.process.stdout.readline().strip()

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(timeout=10)

    def __enter__(self):
        return self


WRK_SCRIPT = """
wrk.method = "POST"
wrk.body = '{"prompt":"a red fox runs through deep snow at dawn, slow tracking shot, volumetric light, shallow depth of field, film grain","duration":5,"aspect_ratio":"16:9","negative_prompt":"blurry, warped faces, text, watermark","cfg_scale":0.5}'
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Accept"] = "application/json"
wrk.headers["Authorization"] = "Bearer 0123456789abcdef0123456789abcdef:0123456789abcdef0123456789abcdef"
"""


def run_wrk(scheme, port, seconds, folder):
    script = os.path.join(folder, "post.lua")
    with open(script, "w", encoding="utf-8") as f:
        f.write(WRK_SCRIPT)
    url = f"{scheme}://localhost:{port}/v1/kling/v2-5/text-to-video"
    command = pinned(0, ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s", "-s",
                         script, url])
    before = os.times()
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    after = os.times()
    cpu = (after.children_user - before.children_user) + (after.children_system -
                                                          before.children_system)
    requests = int(re.search(r"(\d+) requests in", out).group(1))
    rate = float(re.search(r"Requests/sec:\s*([\d.]+)", out).group(1))
    # The whole process, its start included: a little to wrk's disadvantage.
    return {"cpu_us": cpu / requests * 1e6, "requests_per_s": rate}


def run_program(program, scheme, port, seconds, ca):
    command = pinned(0, [program, scheme, port, str(CONNECTIONS), str(seconds)])
    out = subprocess.run(command + ([ca] if scheme == "https" else []), check=True,
                         capture_output=True, text=True, timeout=seconds + 60).stdout
    return json.loads(out)


def instructions(program, scheme, port, ca, folder):
    """User instructions per request: two fixed numbers of requests, and their difference."""
    totals = {}
    for n in (1280, 3840):
        out = os.path.join(folder, "callgrind.out")
        command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", program, scheme,
                   port, str(CONNECTIONS), "600"] + ([ca] if scheme == "https" else [])
        text = subprocess.run(command, check=True, capture_output=True, text=True, timeout=600,
                              env={**os.environ, "BENCH_REQUESTS": str(n)}).stderr
        totals[n] = int(re.search(r"Collected : (\d+)", text).group(1))
    return (totals[3840] - totals[1280]) / 2560


def system_calls(program, scheme, port, ca):
    n = 40000
    command = ["strace", "-c", "-f", "-U", "calls,name", program, scheme, port, str(CONNECTIONS),
               "600"] + ([ca] if scheme == "https" else [])
    text = subprocess.run(command, check=True, capture_output=True, text=True, timeout=600,
                          env={**os.environ, "BENCH_REQUESTS": str(n)}).stderr
    total = re.search(r"^\s*(\d+)\s+total", text, re.MULTILINE)
    return int(total.group(1)) / n


def measure(scheme, programs, args, folder):
    cert, key = certificate(folder)
    ca = cert
    tls_files = [cert, key] if scheme == "https" else []
    rounds = {name: [] for name in programs}
    counts = {name: {} for name in programs}
    with Server(build_dir_program(args.build, "fast_server"), tls_files) as server:
        for _ in range(args.rounds):
            for name, program in programs.items():
                if name == "wrk":
                    rounds[name].append(run_wrk(scheme, server.port, args.seconds, folder))
                else:
                    rounds[name].append(run_program(program, scheme, server.port, args.seconds, ca))
        if args.counts:
            for name, program in programs.items():
                if name == "wrk":
                    continue
                counts[name]["instructions"] = instructions(program, scheme, server.port, ca, folder)
                counts[name]["system_calls"] = system_calls(program, scheme, server.port, ca)
    return summary(scheme, rounds, counts)


def summary(scheme, rounds, counts):
    def median(name, figure):
        values = [r[figure] for r in rounds[name] if figure in r]
        return statistics.median(values) if values else None

    table = {}
    for name in rounds:
        table[name] = {f: median(name, f) for f in ("cpu_us", "requests_per_s", "allocations")}
        table[name].update(counts[name])
        table[name]["cpu_us_all"] = [round(r["cpu_us"], 2) for r in rounds[name]]
    ratios = {}
    for rival in rounds:
        if rival != "cokino":
            pairs = zip(rounds["cokino"], rounds[rival])
            ratios[rival] = statistics.median(a["cpu_us"] / b["cpu_us"] for a, b in pairs)
    return {"scheme": scheme, "connections": CONNECTIONS, "programs": table,
            "cokino_cpu_relative_to": ratios}


def print_table(result):
    print(f"\n{result['scheme']}, {result['connections']} connections, one thread")
    print(f"{'':10} {'CPU us/req':>11} {'(all rounds)':>24} {'alloc/req':>10} {'instr/req':>10} "
          f"{'syscalls':>9} {'req/s':>8} {'cokino/this':>12}")
    for name, row in result["programs"].items():
        ratio = result["cokino_cpu_relative_to"].get(name)

        def cell(value, form):
            return "-" if value is None else format(value, form)

        print(f"{name:10} {row['cpu_us']:11.2f} {str(row['cpu_us_all']):>24} "
              f"{cell(row['allocations'], '.2f'):>10} {cell(row.get('instructions'), '.0f'):>10} "
              f"{cell(row.get('system_calls'), '.2f'):>9} {row['requests_per_s']:8.0f} "
              f"{cell(ratio, '.2f'):>12}")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--counts", action="store_true")
    parser.add_argument("--json")
    args = parser.parse_args()
    programs = {name: build_dir_program(args.build, f"submit_{name}")
                for name in ("cokino", "beast")}
    curl = build_dir_program(args.build, "submit_curl", needed=False)
    if curl:
        programs["curl"] = curl
    else:
        print("libcurl: not there when this was built; left out")
    if shutil.which("wrk"):
        programs["wrk"] = "wrk"
    else:
        print("wrk: not installed; left out")
    results = []
    with tempfile.TemporaryDirectory() as folder:
        for scheme in ("http", "https"):
            results.append(measure(scheme, programs, args, folder))
            print_table(results[-1])
    text = json.dumps(results, indent=1)
    if args.json:
        with open(args.json, "w", encoding="utf-8") as f:
            f.write(text + "\n")
    else:
        print(text)


if __name__ == "__main__":
    main()
