"""Answers sbxctl's question on a pty, and calls renameat2(2).

usage: trust.py ask ANSWER SCRIPT COMMAND...
       trust.py ask-early ANSWER SCRIPT COMMAND...
       trust.py rename FLAGS FROM TO

ask: runs COMMAND on a terminal; when the question is there, runs the shell's SCRIPT, then types
ANSWER. ask-early: ANSWER is typed before COMMAND starts, and nothing more but a line's end. All that
came is printed, and the exit status is the command's. FLAGS: 0, or 2 for exchanging both.
"""

import ctypes
import os
import pty
import select
import subprocess
import sys
import time

PATIENCE = 20
QUESTION = b"Trust it? [y/N] "


def read_until(master, text, data=b""):
    end = time.monotonic() + PATIENCE
    while text is None or text not in data:
        ready, _, _ = select.select([master], [], [], max(0, end - time.monotonic()))
        if not ready:
            sys.exit(f"nothing more came: {data!r}")
        try:
            more = os.read(master, 4096)
        except OSError:
            more = b""
        if not more:
            break
        data += more
    return data


def ask(answer, script, command, early):
    pid, master = pty.fork()
    if pid == 0:
        if early:
            time.sleep(0.5)
        os.execvp(command[0], command)
    if early:
        os.write(master, answer.encode() + b"\n")
    data = read_until(master, QUESTION)
    subprocess.run(["sh", "-c", script], check=True)
    os.write(master, (b"" if early else answer.encode()) + b"\n")
    data = read_until(master, None, data)
    sys.stdout.buffer.write(data)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status)


def rename(flags, source, target):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.renameat2(-100, os.fsencode(source), -100, os.fsencode(target), int(flags)) != 0:
        print(os.strerror(ctypes.get_errno()))
        return 1
    return 0


if sys.argv[1] == "rename":
    sys.exit(rename(*sys.argv[2:]))
sys.exit(ask(sys.argv[2], sys.argv[3], sys.argv[4:], sys.argv[1] == "ask-early"))
