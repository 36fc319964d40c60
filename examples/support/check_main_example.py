#!/usr/bin/env python3
"""What the main example promises, checked from outside.

usage: check_main_example.py clip|nowhere|stop_waiting|stop_downloading PROGRAM FOLDER

clip               it ends with 0, and ffprobe calls its file 5.0 s and 1920x1080
nowhere            into a directory that is not there: status 1, said before anything is paid for
stop_waiting       Ctrl-C while the host renders: status 130, no file, the job's text is there
stop_downloading   the same in the middle of the download

Exit status 77: ffprobe is not installed.
"""
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

FILE = "neon.mp4"


def environment(**more):
    keys = ("FAL_KEY", "REST_KEY", "REST_BASE_URL", "COKINO_FAKE_SLOW")
    return {name: value for name, value in os.environ.items() if name not in keys} | more


def clip(program, folder):
    if not shutil.which("ffprobe"):
        print("skipped: ffprobe is not installed (package ffmpeg)")
        return 77
    subprocess.run([program], cwd=folder, env=environment(), check=True, timeout=60)
    probe = ["ffprobe", "-v", "error", "-select_streams", "v", "-of", "json", "-show_entries",
             "format=duration:stream=width,height", folder / FILE]
    told = json.loads(subprocess.run(probe, check=True, capture_output=True).stdout)
    seconds, picture = float(told["format"]["duration"]), told["streams"][0]
    size = picture["width"], picture["height"]
    print(f"ffprobe: {seconds} s, {size}")
    assert abs(seconds - 5.0) < 0.05 and size == (1920, 1080)
    return 0


def nowhere(program, folder):
    path = "no/such/place/" + FILE
    told = subprocess.run([program, path], cwd=folder, env=environment(), capture_output=True,
                          text=True, timeout=60)
    print(f"{told.stdout}{told.stderr}status {told.returncode}")
    assert told.returncode == 1
    assert path in told.stderr, "the path was not named"
    assert "accepted" not in told.stdout, "a clip was paid for"
    return 0


def until(reached, what):
    end = time.monotonic() + 30
    while not reached():
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.05)


def stop(program, folder, reached, what):
    job = subprocess.Popen([program], cwd=folder, env=environment(COKINO_FAKE_SLOW="1"), text=True,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        accepted = job.stdout.readline()
        assert accepted.startswith("accepted: cokino-job:"), accepted
        until(reached, what)
        job.send_signal(signal.SIGINT)
        begin = time.monotonic()
        out, err = job.communicate(timeout=20)
    finally:
        job.kill()
    print(f"{accepted}{out}{err}stopped in {time.monotonic() - begin:.2f} s, status {job.returncode}")
    assert job.returncode == 130
    assert time.monotonic() - begin < 2
    assert not (folder / FILE).exists()
    assert f"'{accepted.split()[1]}'" in err, "how to go on was not printed"
    return 0


def main(mode, program, folder):
    program, folder = Path(program).resolve(), Path(folder).resolve()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    if mode == "clip":
        return clip(program, folder)
    if mode == "nowhere":
        return nowhere(program, folder)
    if mode == "stop_waiting":
        return stop(program, folder, lambda: True, "the acceptance")
    part = folder / (FILE + ".part")
    return stop(program, folder, lambda: part.exists() and part.stat().st_size > 0, "the download")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
