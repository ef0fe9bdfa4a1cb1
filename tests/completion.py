"""Types into an interactive shell on a pty, and reads the tables that completion files repeat.

usage: completion.py type SHELL RC STEP...
       completion.py options|verbs|verb_options FILE

type: the shell (bash, zsh or fish) reads the file RC, then the steps are done in turn:
    line KEYS        types KEYS (\\t is TAB) and prints the line that the shell then edits
    shown KEYS TEXT  types KEYS and waits until TEXT is on the screen
    run LINE         runs LINE to its end
Whatever does not come within 20 seconds is a failure, and so is a shell that has ended.

options, verbs, verb_options: prints what FILE, the C source or a completion file, says about each
option of sbx (LETTER NAME VALUE HELP), verb (VERB HELP) or option of a verb (NAME HELP), sorted. VALUE is what a completion must know.
"""

import fcntl
import os
import pty
import re
import select
import shutil
import signal
import struct
import sys
import tempfile
import termios
import time

PATIENCE = 20
PROMPT = "prompt> "
DUMP_KEYS = b"\x18d"

# Each writes the line being edited to a file when DUMP_KEYS are typed; \1 is the end of it.
SETUP = {
    "bash": r"""
PS1='%(prompt)s'
bind 'set bell-style none'
completion_dump() { printf '%%s\1' "$READLINE_LINE" >'%(dump)s'; }
bind -x '"\C-xd": completion_dump'
. '%(rc)s'
""",
    "zsh": r"""
PS1='%(prompt)s'
LISTMAX=10000
unsetopt beep prompt_sp
completion-dump() { printf '%%s\1' "$BUFFER" >|'%(dump)s' }
zle -N completion-dump
bindkey '^Xd' completion-dump
. '%(rc)s'
""",
    "fish": r"""
set -g fish_greeting
set -g fish_autosuggestion_enabled 0
function fish_prompt
    printf '%%s' '%(prompt)s'
end
bind \cxd 'printf "%%s\1" (commandline | string collect) >"%(dump)s"'
source '%(rc)s'
""",
}


class Shell:
    def __init__(self, name, rc, directory):
        self.dump = os.path.join(directory, "dump")
        self.done = os.path.join(directory, "done")
        self.output = ""
        setup = SETUP[name] % {"prompt": PROMPT, "dump": self.dump, "rc": rc}
        command, start = {
            "bash": (["bash", "--noprofile", "--rcfile", directory + "/rc", "-i"], "rc"),
            "zsh": (["zsh", "-d", "-i"], ".zshrc"),
            "fish": (["fish", "-i", "-C", "source '%s/rc'" % directory], "rc"),
        }[name]
        with open(os.path.join(directory, start), "w") as file:
            file.write(setup)
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # which Python ignores
            os.environ.update(TERM="xterm", INPUTRC="/dev/null", ZDOTDIR=directory, HISTFILE="")
            os.execvp(command[0], command)
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 120, 200, 0, 0))
        self.wait("a prompt", lambda: PROMPT in self.output)

    def end(self):
        os.close(self.terminal)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)

    def send(self, data):
        os.write(self.terminal, data)

    def read(self, seconds):
        if not select.select([self.terminal], [], [], seconds)[0]:
            return
        try:
            data = os.read(self.terminal, 65536)
        except OSError:
            data = b""
        if not data:
            raise EOFError("the shell has ended")
        # Some shells ask what the terminal is, and wait for the answer.
        if re.search(rb"\x1b\[0?c", data):
            self.send(b"\x1b[?62c")
        self.output += data.decode(errors="replace")

    def wait(self, what, condition, keys=b""):
        """Types the keys and waits. Now and then again: a shell that just did something else with
        the terminal may lose keys."""
        start = time.monotonic()
        typed = 0
        while not condition():
            waited = time.monotonic() - start
            if waited > PATIENCE:
                raise TimeoutError("waited in vain for " + what)
            if keys and waited >= typed * 5:
                self.send(keys)
                typed += 1
            self.read(0.01)

    def screen(self):
        escapes = r"\x1b(\[[0-9;?>=]*[a-zA-Z]|\][^\a]*\a|[()][0-9A-Z]|[=>])"
        return re.sub(escapes + r"|\r", "", self.output)

    def type(self, keys):
        # Text that comes together with TAB is taken for a paste by some shells.
        for part in filter(None, re.split("(\t)", keys)):
            self.send(part.encode())
            self.pause()

    def pause(self):
        end = time.monotonic() + 0.015
        while time.monotonic() < end:
            self.read(0.01)

    def edited(self):
        """The line that is being edited, once the shell has dealt with all keys."""
        if os.path.exists(self.dump):
            os.unlink(self.dump)
        self.wait("the edited line", lambda: self.content(self.dump).endswith("\1"), DUMP_KEYS)
        line = self.content(self.dump)[:-1]
        self.pause()
        return line

    def clear(self):
        while self.edited() != "":
            self.send(b"\x03")
            self.pause()

    @staticmethod
    def content(path):
        try:
            with open(path) as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def line(self, keys):
        self.type(keys)
        print(self.edited(), flush=True)
        self.clear()

    def shown(self, keys, text):
        self.output = ""
        self.type(keys)
        self.wait("the text " + repr(text), lambda: text in self.screen())
        self.clear()

    def run(self, line):
        self.output = ""
        self.send((line + "; printf x >'" + self.done + "'\r").encode())
        self.wait("the end of " + line, lambda: self.content(self.done) == "x")
        os.unlink(self.done)
        self.wait("a prompt", lambda: self.screen().endswith(PROMPT))


def type_into_shell(name, rc, *steps):
    arguments = {"line": 1, "shown": 2, "run": 1}
    steps = [step.replace("\\t", "\t") for step in steps]
    directory = tempfile.mkdtemp()
    shell = None
    try:
        shell = Shell(name, os.path.abspath(rc), directory)
        while steps:
            count = arguments[steps[0]]
            getattr(shell, steps[0])(*steps[1 : 1 + count])
            del steps[: 1 + count]
    except (EOFError, TimeoutError) as error:
        print("%s: %s; on the screen:\n%s" % (name, error, shell and shell.screen()))
        return 1
    finally:
        if shell:
            shell.end()
        shutil.rmtree(directory)
    return 0


STRING = r'"((?:[^"\\]|\\.)*)"'


def table_of(text, name):
    """The entries of a C table, without the one that ends it."""
    body = re.search(name + r"\[\] = \{\n(.*?)\n\};", text, re.S).group(1)
    entries = re.findall(r"\{.*?\}", body, re.S)
    return [entry for entry in entries if not entry.startswith("{0, NULL")]


def options_of_c(text):
    values = {"FILE": "file", "PATH,...": "paths", "HOST:PORT,...": "hosts"}
    for entry in table_of(text, "option_table"):
        letter, name, argument, value, help = re.fullmatch(
            r"\{(0|'.'),\s*%s,\s*(\w+),\s*(NULL|\"[^\"]*\"),\s*%s\}" % (STRING, STRING), entry
        ).groups()
        value = value.strip('"')
        if argument == "ARGUMENT_NONE":
            kind = "-"
        elif value.startswith("NAME"):
            kind = "presets"
        else:
            kind = values.get(value, "text")
        assert (argument == "ARGUMENT_OPTIONAL") == (kind in ("paths", "hosts")), entry
        yield letter.strip("'").replace("0", "-"), name, kind, help


def options_of_bash(text):
    body = re.search(r"^_sbx_options=\((.*?)^\)", text, re.S | re.M).group(1)
    for line in body.strip().splitlines():
        yield re.fullmatch(r"\s*'(\S) (\S+) (\S+) (.*)'", line).groups()


def options_of_zsh(text):
    kinds = {
        "": "-",
        ":preset:_sequence _sbx_presets": "presets",
        ":profile:_files": "file",
        "::path:_sbx_paths": "paths",
        "::addresses: ": "hosts",
    }
    body = re.search(r"options=\((.*?)^\t\)", text, re.S | re.M).group(1)
    for line in body.strip().splitlines():
        letter, name, equals, help, rest = re.fullmatch(
            r"\s*'(?:\*|\(- : \*\))(?:'\{-(\w)\+?,)?--([a-z-]+)(=?)(?:\}')?\[(.*)\](.*)'", line
        ).groups()
        kind = kinds.get(rest) or "text"
        assert bool(equals) == (kind != "-"), line
        yield letter or "-", name, kind, help


def options_of_fish(text):
    kinds = {
        "": "-",
        "-x -a '(_sbx_complete_presets)'": "presets",
        "-r -F": "file",
        "-r -F -a '(_sbx_complete_paths)'": "paths",
    }
    for line in re.findall(r"^(?:complete -c sbx -n _|_sbx_policy_option -).*", text, re.M):
        letter, name, rest, help = re.fullmatch(
            r"(?:complete -c sbx -n _sbx_at_options|_sbx_policy_option)(?: -s (\w))? -l (\S+) ?(.*?) ?-d '(.*)'", line
        ).groups()
        kind = kinds.get(rest) or "text"
        # An address is completed as little as any text.
        yield letter or "-", name, "hosts" if "-network" in name and kind == "text" else kind, help


def verbs_of_c(text):
    for entry in table_of(text, "verbs"):
        yield re.match(r"\{%s,\s*%s,\s*%s" % (STRING, STRING, STRING), entry).group(1, 3)


def verbs_of_bash(text):
    body = re.search(r"^_sbx_verbs=\((.*?)^\)", text, re.S | re.M).group(1)
    return re.findall(r"'(\S+) (.*)'", body)


def verbs_of_zsh(text):
    body = re.search(r"verbs=\((.*?)^\t\)", text, re.S | re.M).group(1)
    return re.findall(r"'(\S+?):(.*)'", body)


def verbs_of_fish(text):
    return re.findall(r"^complete -c sbxctl -n __fish_is_first_arg -a (\S+) -d '(.*)'", text, re.M)


def verb_options_of_c(text):
    for entry in table_of(text, "ctl_options"):
        yield re.search(r'"(\w+)",.*%s\}' % STRING, entry, re.S).group(1, 2)


def verb_options_of_bash(text):
    body = re.search(r"^_sbx_verb_options=\((.*?)^\)", text, re.S | re.M).group(1)
    return re.findall(r"'- (\S+) \S+ (.*)'", body)


def verb_options_of_zsh(text):
    body = re.search(r"\town=\((.*?)^\t\)", text, re.S | re.M).group(1)
    return re.findall(r"'--(\w+)=?\[(.*)\].*'", body)


def verb_options_of_fish(text):
    return re.findall(r"^complete -c sbxctl -n '_sbx_is_verb .*' -l (\w+).* -d '(.*)'", text, re.M)


def print_table(what, path):
    with open(path) as file:
        text = file.read()
    language = {".c": "c", ".bash": "bash", ".fish": "fish", "": "zsh"}[os.path.splitext(path)[1]]
    rows = globals()[what + "_of_" + language](text)
    print("\n".join(sorted(" ".join(row) for row in rows)))
    return 0


if __name__ == "__main__":
    if sys.argv[1] == "type":
        sys.exit(type_into_shell(*sys.argv[2:]))
    sys.exit(print_table(*sys.argv[1:]))
