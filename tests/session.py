"""Plays a person at an interactive shell on a pty, and checks what that person would see.

usage: session.py SHELL RC <STEPS

SHELL is bash, zsh or fish, as completion.py starts it; it reads the file RC. Each line of STEPS is one
step; empty ones, and those that begin with #, are none. KEYS may hold \\t, \\r, \\e, \\\\, \\xHH, and ^C for
the key. A REGEX is Python's; it is looked for on the screen, behind what an earlier "see" has found.

    run LINE          types LINE and waits for the next prompt
    start LINE        types LINE and waits for nothing. What is typed next is for the program only once
                      that has shown something: "see" it first
    type KEYS         types KEYS
    see REGEX         waits until it shows
    unseen REGEX      it MUST NOT have shown since the last run or start
    prompt            waits until the shell has a prompt again, with nothing on the line
    stop              Ctrl-Z; waits until the shell says that something stopped, and for a prompt
    status N          the status of the last run MUST be N
    tab KEYS => LINE  after KEYS (with their TABs) the line MUST be LINE, but for blanks at the end
    clear             drops the line
    wait FILE         waits until FILE is there

Whatever does not come within 20 seconds is a failure, and the screen is printed.
"""

import os
import re
import shutil
import sys
import tempfile

# Not pty.py: the name would hide Python's own module from every script in this directory.
import completion
from completion import PROMPT

ESCAPES = {"t": "\t", "r": "\r", "n": "\n", "e": "\x1b", "\\": "\\"}
STATUS = {"bash": "$?", "zsh": "$?", "fish": "$status"}


class Failure(Exception):
    pass


def keys_of(text):
    def one(match):
        word = match.group(0)
        if word[0] == "^":
            return chr(ord(word[1]) & 0x1F)
        return chr(int(word[2:], 16)) if word[1] == "x" else ESCAPES[word[1]]

    return re.sub(r"\\x[0-9a-f]{2}|\\[trne\\]|\^[A-Z\\]", one, text)


class Session(completion.Shell):
    def __init__(self, name, rc, directory):
        super().__init__(name, rc, directory)
        self.name = name
        self.seen = 0
        self.edited()

    def read(self, seconds):
        try:
            super().read(seconds)
        except EOFError as error:
            raise Failure(str(error))

    def step_start(self, line):
        self.output = ""
        self.seen = 0
        self.send(line.encode(errors="surrogateescape") + b"\r")

    def step_run(self, line):
        self.step_start(line)
        self.step_prompt()

    def step_prompt(self, _=""):
        # What is before the first line feed is the line itself, as the shell shows it.
        self.wait("a prompt", lambda: re.search(r"\n(.*\n)*.*" + PROMPT + r"$", self.screen()))
        if self.edited() != "":
            self.step_clear()

    def step_type(self, keys):
        self.type(keys_of(keys))

    def step_see(self, regex):
        pattern = re.compile(regex)
        self.wait(repr(regex), lambda: pattern.search(self.screen(), self.seen))
        self.seen = pattern.search(self.screen(), self.seen).end()

    def step_unseen(self, regex):
        if re.search(regex, self.screen()):
            raise Failure("there is " + repr(regex))

    def step_stop(self, _=""):
        self.output = ""
        self.seen = 0
        told = re.compile("(?i)stopped|suspended")
        self.wait("a job that stops", lambda: told.search(self.screen()), b"\x1a")
        self.step_prompt()

    def step_status(self, expected):
        self.step_start("echo is-%s-" % STATUS[self.name])
        self.step_see(r"\nis-(\d+)-")
        shown = re.search(r"\nis-(\d+)-", self.screen()).group(1)
        self.step_prompt()
        if shown != expected:
            raise Failure("the status is %s, not %s" % (shown, expected))

    def step_tab(self, words):
        keys, expected = re.fullmatch(r"(.*?) => ?(.*)", words).groups()
        self.type(keys_of(keys))
        line = self.edited().rstrip(" ")
        self.clear()
        if line != expected:
            raise Failure("%s has become %s, not %s" % (keys, line, expected))

    def step_clear(self, _=""):
        self.clear()

    def step_wait(self, path):
        self.wait("the file " + path, lambda: os.path.exists(path))


def main(name, rc):
    sys.stdin.reconfigure(errors="surrogateescape")
    steps = [step.strip() for step in sys.stdin]
    directory = tempfile.mkdtemp()
    session = step = None
    try:
        session = Session(name, os.path.abspath(rc), directory)
        for step in steps:
            if step and not step.startswith("#"):
                verb, _, words = step.partition(" ")
                getattr(session, "step_" + verb)(words)
    except (Failure, EOFError, TimeoutError) as error:
        shown = session and session.screen()
        print("%s: %s\nat the step: %s\non the screen:\n%s" % (name, error, step, shown))
        return 1
    finally:
        if session:
            session.end()
        shutil.rmtree(directory)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
