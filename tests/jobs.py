"""Job control as a user sees it: types into an interactive shell, with sbx in front and without.

usage: jobs.py SCENARIO SHELL

Each scenario is done once without sbx, as the control, then in a sandbox without broker and in one
with a broker. What the shell runs is job.py, which this file writes to the current directory.
"""

import os
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from terminal import Terminal  # noqa: E402

PROMPT = "prompt> "
PREFIXES = ("", "sbx-net-off", "sbx-write-cwd -q")
SHELLS = {
    "bash": ["bash", "--norc", "--noprofile", "-i"],
    "zsh": ["zsh", "-f", "-i"],
    "dash": ["dash", "-i"],
}

# Says what it gets. "raw" takes the terminal as an editor does, which stops its group by itself.
JOB = r"""
import os, select, signal, sys, termios, time, tty
def say(*words):
    os.write(1, (" ".join(map(str, words)) + "\r\n").encode())
def echo():
    # Through a pipe, because a signal right before a read would wait for its end.
    heard, caught = os.pipe()
    os.set_blocking(caught, False)
    signal.set_wakeup_fd(caught)
    for number in signal.SIGWINCH, signal.SIGCONT:
        signal.signal(number, lambda *_: None)
    say("ready", os.getpid())
    while True:
        for fd in select.select([0, heard], [], [])[0]:
            data = os.read(fd, 1000)
            if fd == 0 and not data:
                return say("finished")
            elif fd == 0:
                say("got", data.decode().strip())
            elif signal.SIGCONT in data:
                say("continued")
            elif signal.SIGWINCH in data:
                say("size", *reversed(os.get_terminal_size(0)))
def edit():
    usual = termios.tcgetattr(0)
    tty.setraw(0)
    say("ready", os.getpid())
    while True:
        key = os.read(0, 1)
        say("key", key[0])
        if key == b"q":
            break
        if key == b"z":
            termios.tcsetattr(0, termios.TCSADRAIN, usual)
            os.kill(0, signal.SIGTSTP)
            tty.setraw(0)
            say("woken")
    termios.tcsetattr(0, termios.TCSADRAIN, usual)
def tick():
    say("ready", os.getpid())
    for number in range(600):
        say("tick", number)
        time.sleep(0.1)
globals()[sys.argv[1]]()
"""


class Shell(Terminal):
    def __init__(self, name):
        super().__init__(*SHELLS[name])
        self.name = name
        self.marks = 0
        self.expect(PROMPT)

    def run(self, line):
        self.type(line + "\n")

    def key(self, key):
        """A key that gives the terminal back to the shell, which drops what was typed before."""
        self.type(key)
        self.expect(PROMPT)

    def stop(self, pid):
        self.type("\x1a")
        self.expect("(?i)stopped|suspended")
        self.expect(PROMPT)
        until("the command stops", lambda: stat(pid)[0] == "T")
        # The kernel drops what is typed until it has told all processes.
        time.sleep(0.05)

    def start(self, line):
        """Starts job.py and returns its pid."""
        self.run(line)
        return int(self.expect(r"ready (\d+)\r").group(1))

    def mark(self, expression="", expected=""):
        """The shell has a prompt again; $? or another expression is as expected."""
        self.marks += 1
        self.run("echo mark-%d-$((1 + 1))-%s." % (self.marks, expression))
        shown = self.expect(r"mark-%d-2-([^\r]*)\.\r" % self.marks).group(1).decode()
        self.expect(PROMPT)
        if shown != str(expected):
            self.fail("%s is %s, not %s" % (expression, shown, expected))

    def status(self, expected):
        self.mark("$?", expected)

    def end(self):
        if not gone(self.pid):
            self.run("exit")
        self.wait()


def stat(pid):
    """State, parent, group and session of a process."""
    with open("/proc/%d/stat" % pid) as file:
        words = file.read().rsplit(")", 1)[1].split()
    return words[0], int(words[1]), int(words[2]), int(words[3])


def until(what, condition):
    end = time.monotonic() + 20
    while not condition():
        if time.monotonic() > end:
            sys.exit("waited in vain until " + what)
        time.sleep(0.01)


def members(group):
    """The processes of a group."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            state, _, its_group, _ = stat(int(name))
            if its_group == group and state not in "ZX":
                found.append(int(name))
        except (FileNotFoundError, ProcessLookupError):
            pass
    return found


def gone(pid):
    try:
        return stat(pid)[0] in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return True


def interrupt(shell, prefix):
    """Ctrl-C and Ctrl-\\ end the command and all of sbx, and the shell sees the signal."""
    for key, status in ("\x03", 130), ("\x1c", 131):
        shell.run("ulimit -c 0")
        pid = shell.start(prefix + " python3 job.py echo")
        group = stat(pid)[2]
        shell.key(key)
        shell.status(status)
        until("nothing is left of the job", lambda: not members(group))


def stop(shell, prefix):
    """Ctrl-Z, jobs, fg; then bg, jobs, fg and the end."""
    pid = shell.start(prefix + " python3 job.py echo")
    group = stat(pid)[2]
    for _ in range(3):
        shell.stop(pid)
        shell.run("jobs")
        shell.expect("(?i)(stopped|suspended).*job.py")
        # One group, which the shell stopped as a whole: what started it all stands still.
        assert stat(pid)[2] == group and stat(group)[0] == "T", members(group)
        shell.run("fg")
        shell.expect("continued\r")
        shell.run("one")
        shell.expect("got one")
    shell.type("\x04")
    shell.expect("finished")
    shell.status(0)


def background(shell, prefix):
    """A stopped job goes on in the background, is listed as running, and comes to the fore."""
    pid = shell.start(prefix + " python3 job.py tick")
    group = stat(pid)[2]
    shell.expect("tick 1")
    shell.stop(pid)
    shell.run("bg")
    shell.expect(r"tick \d+")
    shell.run("jobs")
    shell.expect("(?i)running.*job.py")
    assert stat(pid)[0] in "SR" and stat(group)[0] in "SR"
    shell.run("fg")
    shell.expect(r"tick \d+\r.*tick \d+")
    shell.key("\x03")
    shell.status(130)
    # A job that was started there, and one that is stopped, end by kill.
    shell.run(prefix + " python3 job.py tick &")
    pid = int(shell.expect(r"ready (\d+)\r").group(1))
    group = stat(pid)[2]
    shell.run("kill $!")
    until("the job in the background ends", lambda: not members(group))
    shell.mark()
    pid = shell.start(prefix + " python3 job.py echo")
    group = stat(pid)[2]
    shell.stop(pid)
    shell.run("kill %1; kill -CONT %1")
    until("the stopped job ends", lambda: not members(group))
    shell.mark()


def window(shell, prefix):
    """The window's size reaches the command, also after it was stopped."""
    pid = shell.start(prefix + " python3 job.py echo")
    shell.resize(30, 100)
    shell.expect("size 30 100")
    shell.stop(pid)
    shell.run("fg")
    shell.expect("continued\r")
    shell.resize(31, 101)
    shell.expect("size 31 101")
    shell.type("\x04")
    shell.expect("finished")
    shell.status(0)


def pipeline(shell, prefix):
    """All of a pipeline stops, goes on and ends together; each end of a pipe ends what is at it."""
    pid = shell.start("%s python3 job.py tick | %s cat | cat" % (prefix, prefix))
    group = stat(pid)[2]
    shell.stop(pid)
    shell.run("fg")
    shell.expect(r"tick \d+")
    shell.key("\x03")
    until("nothing is left of the pipeline", lambda: not members(group))
    shell.run("%s yes | head -1" % prefix)
    shell.expect("y\r")
    shell.status(0)
    shell.run("%s sh -c 'echo a; echo b' | %s tr ab cd | cat" % (prefix, prefix))
    shell.expect("c\r\nd\r\n")
    shell.status(0)
    if shell.name == "bash":
        shell.run("%s yes | head -1" % prefix)
        shell.mark("${PIPESTATUS[*]}", "141 0")
    if shell.name == "zsh":
        shell.run("%s yes | head -1" % prefix)
        shell.mark("$pipestatus", "141 0")


def statuses(shell, prefix):
    """The shell's status is 128 and the signal's number."""
    shell.run("ulimit -c 0")
    for number in 1, 2, 3, 6, 9, 10, 11, 13, 14, 15:
        shell.run("%s sh -c 'kill -%d $$; sleep 9'" % (prefix, number))
        shell.status(128 + number)
    for number in 0, 1, 3, 125, 130, 255:
        shell.run("%s sh -c 'exit %d'" % (prefix, number))
        shell.status(number)


def editor(shell, prefix):
    """A program that takes the keys as they come, stops its own group as vi does, and goes on."""
    shell.start(prefix + " python3 job.py edit")
    for key in "\x03", "\x1a", "\x1c", "x":
        shell.type(key)
        shell.expect(r"key %d\r" % ord(key))
    for _ in range(3):
        shell.key("z")
        shell.run("stty -a | grep -c -e ' icanon'")
        shell.expect("\n1\r")
        shell.expect(PROMPT)
        shell.run("fg")
        shell.expect("woken")
        shell.type("\x03")
        shell.expect("key 3\r")
    shell.type("q")
    shell.expect("key 113\r")
    shell.status(0)
    shell.run("stty -a | grep -c -e ' icanon'")
    shell.expect("\n1\r")


def inner(shell, prefix):
    """A shell in the sandbox has jobs of its own, and can be suspended itself."""
    shell.run(prefix + " env PS1='in-prompt> ' bash --norc --noprofile -i")
    shell.expect("in-prompt> ")
    pid = shell.start("python3 job.py echo")
    shell.stop(pid)
    shell.run("fg")
    shell.expect("continued\r")
    shell.key("\x03")
    shell.status(130)
    for _ in range(2):
        shell.key("suspend\n")
        shell.mark()
        shell.run("fg")
        shell.mark("$PS1", "in-prompt> ")
    shell.run("exit 5")
    shell.status(5)
    # Stopped, it is hung up as any other job. As it ends it gives the terminal to the group in which
    # it started, which with a broker is another one than its own: the shell around it has lost it.
    shell.run(prefix + " env PS1='in-prompt> ' bash --norc --noprofile -i")
    shell.expect("in-prompt> ")
    shell.run("echo pid-$$.")
    pid = int(shell.expect(r"pid-(\d+)\.\r").group(1))
    shell.expect(PROMPT)
    shell.key("suspend\n")
    shell.mark()
    shell.run("kill -HUP %1; kill -CONT %1")
    until("the shell inside ends", lambda: gone(pid))
    os.kill(shell.pid, signal.SIGKILL)


def main(scenario, name):
    with open("job.py", "w") as file:
        file.write(JOB)
    os.environ["PS1"] = PROMPT
    os.environ["TERM"] = "dumb"
    for prefix in PREFIXES:
        shell = Shell(name)
        print("%s, %s: %s" % (name, prefix or "no sandbox", scenario), flush=True)
        globals()[scenario](shell, prefix)
        shell.end()


if __name__ == "__main__":
    main(*sys.argv[1:])
