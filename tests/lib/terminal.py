"""A terminal for tests: what is written to it is what a user types. Nothing waits longer than 20 s."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

LONGEST = 20

class Terminal:
    def __init__(self, *argv, rows=24, columns=80):
        self.seen = b""
        self.all = b""
        self.ended = False
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            self.fd = 0
            self.resize(rows, columns)
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)
            try:
                os.execvp(argv[0], argv)
            finally:
                os._exit(99)

    def resize(self, rows, columns):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("4H", rows, columns, 0, 0))

    def type(self, text):
        os.write(self.fd, text.encode())

    def read(self, end):
        ready, _, _ = select.select([self.fd], [], [], max(0, end - time.monotonic()))
        try:
            data = os.read(self.fd, 65536) if ready else b""
        except OSError:  # the other side is closed
            data = b""
        self.seen += data
        self.all += data
        return data

    def fail(self, reason):
        if not self.ended:
            os.kill(self.pid, signal.SIGKILL)
        sys.exit(f"{reason}; the terminal showed: {self.all}")

    # Waits until this shows, after what was expected before.
    def expect(self, pattern):
        end = time.monotonic() + LONGEST
        while not (match := re.search(pattern.encode(), self.seen, re.S)):
            if not self.read(end):
                self.fail(f"{pattern!r} did not show")
        self.seen = self.seen[match.end():]
        return match

    # Waits for the end: the exit status, or minus the signal.
    def wait(self):
        end = time.monotonic() + LONGEST
        while True:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.ended = True
                return os.waitstatus_to_exitcode(status)
            if time.monotonic() > end:
                self.fail("it did not end")
            if not self.read(min(end, time.monotonic() + 0.05)):
                time.sleep(0.01)

    def expect_end(self, expected):
        status = self.wait()
        if status != expected:
            self.fail(f"ended with {status}, not {expected}")
