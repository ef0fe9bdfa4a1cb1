"""Compares what files do in a sandbox with what the rules say, call by call.

usage: differential.py SANDBOX-EXEC SBXCTL PROGRAMS CALLS SEED

Below the current directory small trees of files are made, random profiles about them and random
calls on them. PROGRAMS/file-driver makes each call without a sandbox, then in one, and tells what
came of it both times and what the call was about, as the kernel names it. From that and the rules
follows what must happen in the sandbox: the same as without, or a refusal that changes nothing.

The rules are evaluated by `sbxctl explain --batch`, or here, by the order of evaluation that SBPL.md
section 5 describes; for one profile in four by both, which must agree.

Profiles that are refused prove nothing: more than a tenth is a failure.
"""
import collections
import concurrent.futures
import errno
import json
import os
import random
import re
import shutil
import stat
import subprocess
import sys
import time

CALLS_PER_PROFILE = 600
REFUSED_SHARE = 0.1

# In the order of enum kind in programs/file-calls.h.
(NONE, OPEN, TRUNCATE, STAT, ACCESS, READLINK, GET_XATTR, CHMOD, CHOWN, TIMES, SET_XATTR, MKDIR,
 SYMLINK, MKNOD, BIND, UNLINK, RMDIR, RENAME, LINK, CHDIR) = range(20)
KIND_NAMES = ("none open truncate stat access readlink get-xattr chmod chown times set-xattr mkdir"
              " symlink mknod bind unlink rmdir rename link chdir").split()

LEAVES_READ = ("file-read-data", "file-read-metadata", "file-read-xattr")
LEAVES_WRITE = ("file-write-data", "file-write-create", "file-write-unlink", "file-write-mode",
                "file-write-owner", "file-write-times", "file-write-xattr", "file-write-flags",
                "file-write-acl")
PARENTS = {leaf: "file-read*" for leaf in LEAVES_READ}
PARENTS.update({leaf: "file-write*" for leaf in LEAVES_WRITE})
PARENTS.update({"file-read*": "file*", "file-write*": "file*", "file-mknod": "file*",
                "file*": "default", "default": None, "file-link": None, "file-write-setugid": None,
                "file-test-existence": None})
BUILT_IN = {"file-link": True, "file-test-existence": True}

# What a move must not allow where it is denied; and what it need not care for, as nothing that is
# there is made.
EXPOSED = LEAVES_READ + tuple(leaf for leaf in LEAVES_WRITE if leaf != "file-write-create")
OF_NEW = ("file-write-create", "file-link")

# In the questions of sbxctl.
UNASKABLE = re.compile("[ \n\t]")

REFUSALS = (errno.EPERM, errno.EACCES)


# Rules.

def is_within(path, directory):
    return path == directory or path.startswith(directory.rstrip("/") + "/")


def matches(filter_, path):
    kind, argument = filter_
    if kind == "literal":
        return path == argument
    if kind == "subpath":
        return is_within(path, argument)
    if kind == "prefix":
        return path.startswith(argument)
    if kind == "regex":
        return re.search(argument, path, re.DOTALL) is not None
    if kind == "require-not":
        return not matches(argument, path)
    if kind == "require-any":
        return any(matches(part, path) for part in argument)
    return all(matches(part, path) for part in argument)


def decide(rules, operation, path):
    """The latest matching filtered rule of the operation, else its latest unfiltered rule, else the
    same of its parent, or what is built in."""
    while operation:
        unfiltered = None
        for action, operations, filters in reversed(rules):
            if operation not in operations:
                continue
            if not filters:
                unfiltered = unfiltered or action
            elif any(matches(filter_, path) for filter_ in filters):
                return action == "allow"
        if unfiltered:
            return unfiltered == "allow"
        if PARENTS[operation] is None:
            return BUILT_IN.get(operation, False)
        operation = PARENTS[operation]


def quote(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def text_of(filter_):
    kind, argument = filter_
    if isinstance(argument, str):
        return f"({kind} {quote(argument)})"
    if kind == "require-not":
        return f"({kind} {text_of(argument)})"
    return f"({kind} {' '.join(map(text_of, argument))})"


def text_of_rules(rules):
    return "\n".join(
        f"({' '.join([action, *operations, *map(text_of, filters)])})"
        for action, operations, filters in rules)


def atoms_of(filter_):
    kind, argument = filter_
    if isinstance(argument, str):
        return [(kind, argument)]
    parts = [argument] if kind == "require-not" else argument
    return [atom for part in parts for atom in atoms_of(part)]


class Profile:
    def __init__(self, rules, base):
        self.rules = rules
        self.all = [("allow" if base.allows else "deny", ["default"], [])] + rules + base.rules
        self.text = "(version 1)" + base.text + "\n" + text_of_rules(self.all)
        self.named = {argument for _, _, filters in rules for filter_ in filters
                      for kind, argument in atoms_of(filter_) if kind in ("literal", "subpath")}


class Base:
    """What programs need whatever the profile says; and no rules on what is not tested here."""

    def __init__(self, allows, programs):
        places = ["/usr", "/lib", "/lib64", "/etc", "/proc", "/dev", programs]
        self.allows = allows
        self.text = ("(allow process* network* signal sysctl* system* ipc* mach* pseudo-tty)"
                     "(allow file-ioctl)(deny file-chroot file-mount file-unmount file-revoke"
                     " file-search file-issue-extension)")
        self.rules = [("allow", [*LEAVES_READ, "file-test-existence"],
                       [("subpath", place) for place in places] + [("literal", "/")])]


class Decisions:
    """Of one profile. Questions are gathered first, then asked together."""

    def __init__(self, sbxctl, profile, reference):
        self.sbxctl, self.profile, self.reference = sbxctl, profile, reference
        self.known, self.asked = {}, set()

    def __call__(self, operation, path):
        key = operation, path
        answer = self.known.get(key)
        if answer is None:
            if self.reference != "here" and not UNASKABLE.search(path):
                self.asked.add(key)
                return True
            answer = self.known[key] = decide(self.profile.all, operation, path)
        return answer

    def settle(self):
        if not self.asked:
            return
        keys = sorted(self.asked)
        text = self.profile.text.replace("\n", "\\n")
        lines = "".join(f"{text}\t{operation} path={path}\n" for operation, path in keys)
        result = subprocess.run([self.sbxctl, "explain", "--batch"], input=lines.encode("latin-1"),
                                capture_output=True)
        answers = result.stdout.decode().split()
        if len(answers) != len(keys) or "error" in answers:
            sys.exit(f"no answers from sbxctl:\n{result.stderr.decode()}\n{self.profile.text}")
        for (operation, path), answer in zip(keys, answers):
            self.known[operation, path] = answer == "allow"
            if self.reference == "both" and self.known[operation, path] != decide(
                    self.profile.all, operation, path):
                sys.exit(f"sbxctl says {answer}: {operation} {path}\n{self.profile.text}")
        self.asked.clear()


# Trees: a dictionary of paths from the root, "" being the root itself, to (type, mode, target).

DIRECTORY_NAMES = ("a", "b", "c", "dir", "x.d", "sp ace", "q'uote", "\xff\xfe", "[b]", "a*b", "(p)",
                   "new\nline", "ab", 'dou"ble', "back\\slash")
FILE_NAMES = ("file", "data", "f1", "f2", ".env", "key.pem", "x.c", "\x01", "a b", "caf\xc3\xa9",
              "secret", "line\n")
NEW_NAMES = ("new", "newer", "made.c", ".env", "n w", "secret2")


class Tree:
    def __init__(self, chance, root):
        self.chance, self.root = chance, root
        self.files = {"": ("d", 0o755, "")}
        self.known_below = {}
        self.directories = [""]
        for _ in range(chance.randint(5, 9)):
            self.add(chance.choice(self.directories[-5:]), chance.choice(DIRECTORY_NAMES), "d", 0o755)
        for directory in self.directories[:]:
            for _ in range(chance.randint(1, 3)):
                mode = chance.choice((0o644, 0o644, 0o600, 0o755, 0o444, 0))
                self.add(directory, chance.choice(FILE_NAMES), "f", mode)
        self.add(chance.choice(self.directories), "empty", "d", 0o755)
        for kind in "pshh":
            target = chance.choice(self.of_type("f"))
            self.add(chance.choice(self.directories), f"{kind}{chance.randint(1, 9)}", kind,
                     self.files[target][1] if kind == "h" else 0o644, target if kind == "h" else "")
        for number in range(chance.randint(4, 8)):
            self.add_link(f"l{number}")

    def add(self, directory, name, kind, mode, target=""):
        path = f"{directory}/{name}" if directory else name
        if path in self.files or path.count("/") > 3:
            return
        self.files[path] = kind, mode, target
        if kind == "d":
            self.directories.append(path)

    def of_type(self, kinds):
        return [path for path, file in self.files.items() if file[0] in kinds]

    def add_link(self, name):
        directory = self.chance.choice(self.directories)
        choice = self.chance.random()
        if choice < 0.35:
            target = self.chance.choice(self.directories)
        elif choice < 0.85:
            target = self.chance.choice(self.of_type("fhpsl") or [""])
        else:
            target = self.missing()
        if self.chance.random() < 0.04:
            target = f"{directory}/{name}"
        if self.chance.random() < 0.4:
            text = f"{self.root}/{target}".rstrip("/")
        else:
            up = "/".join([".."] * (directory.count("/") + 1)) if directory else "."
            text = f"{up}/{target}" if target else up
        self.add(directory, name, "l", 0o777, text)

    def missing(self):
        directory = self.chance.choice(self.directories)
        name = self.chance.choice(NEW_NAMES)
        return f"{directory}/{name}" if directory else name

    def full(self, path):
        return f"{self.root}/{path}" if path else self.root

    def aliases(self, full):
        """All names of the file with that name, which is not a directory."""
        path = full[len(self.root) + 1:]
        kind, _, target = self.files.get(path, ("-", 0, ""))
        first = target if kind == "h" else path
        return [self.full(name) for name, file in self.files.items()
                if name == first or (file[0] == "h" and file[2] == first)]

    def below(self, full):
        """The files at the path and below it, as the kernel names them."""
        if full not in self.known_below:
            self.known_below[full] = [self.full(path) for path in self.files
                                      if is_within(self.full(path), full)]
        return self.known_below[full]


class Rules:
    """Random rules. Styles: those that Landlock holds alone, those on metadata, and any."""

    OPERATIONS = ("file-read*", "file-read-data", "file-read-metadata", "file-read-xattr",
                  "file-write*", "file-write-data", "file-write-create", "file-write-unlink",
                  "file-write-mode", "file-write-owner", "file-write-times", "file-write-xattr",
                  "file-link", "file*", "file-test-existence")

    def __init__(self, chance, tree):
        self.chance, self.tree = chance, tree

    def path(self, directories=False):
        choice = self.chance.random()
        if choice < 0.15 and not directories:
            return self.tree.full(self.tree.missing())
        if choice < 0.6 or directories:
            return self.tree.full(self.chance.choice(self.tree.directories))
        return self.tree.full(self.chance.choice(list(self.tree.files)))

    def regex(self):
        path = re.sub(r"([\^.\[$()|*+?{\\])", r"\\\1", self.path())
        name = re.sub(r"([\^.\[$()|*+?{\\])", r"\\\1", self.path().rsplit("/")[-1])
        return self.chance.choice((
            f"^{path}/[^/]*$", f"^{path}(/|$)", f"/{name}$", r"\.(c|pem|d)(/|$)", r"/\.env$",
            f"^{path}/.*[a-d]$", "/[fdn][^/]*$", f"^{path}[0-9a-z]+$", "secret"))

    def simple(self):
        kind = self.chance.choices(("subpath", "literal", "prefix", "regex"), (50, 25, 10, 15))[0]
        if kind == "regex":
            return kind, self.regex()
        path = self.path(directories=kind == "subpath" and self.chance.random() < 0.8)
        if kind == "prefix":
            path = path[:-1] if self.chance.random() < 0.5 else path + "/"
        return kind, path

    def filter(self, depth=0):
        choice = self.chance.random()
        if choice < 0.7 or depth > 1:
            return self.simple()
        if choice < 0.8:
            return ("require-any", [self.filter(depth + 1) for _ in range(self.chance.randint(1, 3))])
        if choice < 0.93:
            return ("require-all", [self.filter(depth + 1),
                                    ("require-not", self.filter(depth + 1))])
        return ("require-not", self.filter(depth + 1))

    def rule(self):
        action = self.chance.choice(("allow", "deny"))
        operations = self.chance.sample(self.OPERATIONS, self.chance.choice((1, 1, 2, 3)))
        if self.chance.random() < 0.05:
            operations.append("file-write-setugid")
        if self.chance.random() < 0.12:
            return (action, operations, [])
        return (action, operations, [self.filter() for _ in range(self.chance.choice((1, 1, 2)))])

    def plain(self):
        """Trees that are allowed, with nothing denied in them."""
        operations = self.chance.choice((
            ["file-read*"], ["file-write*"], ["file-read*", "file-write*"], ["file-read-data"],
            ["file-write-data", "file-write-create"], ["file-write-unlink"], ["file*"],
            ["file-write-create", "file-write-unlink", "file-write-data"]))
        return ("allow", operations, [("subpath", self.path(directories=True))])

    def metadata(self):
        operations = self.chance.sample(
            ("file-read-metadata", "file-read-xattr", "file-write-mode", "file-write-owner",
             "file-write-times", "file-write-xattr", "file-test-existence"),
            self.chance.choice((1, 2, 3)))
        return (self.chance.choice(("allow", "deny")), operations, [self.filter()])

    def rules(self, style):
        make = {"plain": self.plain, "metadata": self.metadata, "any": self.rule}[style]
        return [make() for _ in range(self.chance.randint(1, 7))]


# Calls.

class Call:
    def __init__(self, kind, variant=0, flags=0, mode=0):
        self.kind, self.variant, self.flags, self.mode = kind, variant, flags, mode
        self.at, self.paths, self.follows = ["", ""], ["", ""], ["n", "n"]
        self.object, self.object_flags = "", os.O_RDONLY

    def line(self):
        words = [self.kind, self.variant, self.flags, self.mode, escape(self.at[0]),
                 escape(self.paths[0]), escape(self.at[1]), escape(self.paths[1]),
                 escape(self.object), self.object_flags, *self.follows]
        return "call " + " ".join(map(str, words)) + "\n"

    def __str__(self):
        operands = " ".join((f"[{at!r}] " if at else "") + repr(path)
                            for at, path in zip(self.at, self.paths) if at or path)
        return (f"{KIND_NAMES[self.kind]}/{self.variant} {operands}"
                f" flags={self.flags:#o} mode={self.mode:#o}"
                + (f" object={self.object!r}" if self.object else ""))


def escape(text):
    return re.sub(r"[^!-$&-+./-~]", lambda match: f"%{ord(match[0]):02X}", text) or "-"


def unescape(word):
    if word == "-":
        return ""
    return re.sub("%(..)", lambda match: chr(int(match[1], 16)), word) if "%" in word else word


class Calls:
    def __init__(self, chance, tree):
        self.chance, self.tree = chance, tree
        self.existing = list(tree.files)
        self.links = [path for path in tree.of_type("l")]
        self.makers = [getattr(self, name) for name in dir(self) if name.startswith("make_")]
        self.weights = [self.WEIGHTS[maker.__name__[5:]] for maker in self.makers]

    WEIGHTS = {"open": 30, "create": 8, "temporary": 2, "truncate": 4, "stat": 9, "access": 3,
               "readlink": 3, "chdir": 5, "get_xattr": 4, "chmod": 4, "chown": 3, "times": 4, "set_xattr": 4,
               "new": 9, "bind": 2, "remove": 6, "rename": 13, "link": 8}

    def any(self):
        return self.chances(self.existing)

    def chances(self, items):
        return items[int(self.chance.random() * len(items))]

    def spell(self, call, operand, path, has_at):
        """Sets a path that leads to the file, or should."""
        choice = self.chance.random()
        relative = path or "."
        if choice < 0.35:
            text = self.tree.full(path)
        elif choice < 0.52:
            text = relative
        elif choice < 0.66 and has_at:
            text = self.spell_at(call, operand, path)
        elif choice < 0.78 and self.links and path:
            # Through whatever a link leads to; it need not be a directory.
            text = self.chances(self.links)
            if self.chance.random() < 0.7:
                text += "/" + path.rsplit("/")[-1]
        elif choice < 0.84:
            text = self.dotted(path)
        elif choice < 0.88:
            text = f"/proc/self/cwd/{relative}"
        elif choice < 0.92 and not call.object and call.kind != BIND:
            text = self.spell_object(call, operand, path)
        elif choice < 0.94:
            text = "/proc/self/root" + self.tree.full(path)
        elif choice < 0.97:
            text = relative + "/"
        else:
            text = "./" + relative
        call.paths[operand] = text

    def spell_at(self, call, operand, path):
        parts = path.split("/") if path else []
        depth = self.chance.randint(0, max(0, len(parts) - 1))
        call.at[operand] = self.tree.full("/".join(parts[:depth]))
        return "/".join(parts[depth:]) or "."

    def spell_object(self, call, operand, path):
        directory, _, name = path.rpartition("/")
        # Calls that do not follow links would be about procfs itself.
        if call.follows[operand] == "1" and self.chance.random() < 0.5:
            call.object = self.tree.full(path if path in self.tree.files else directory)
            return self.chances(("/proc/self/fd/50", "/dev/fd/50", "/proc/thread-self/fd/50"))
        call.object = self.tree.full(directory)
        return f"/proc/self/fd/50/{name or '.'}"

    def dotted(self, path):
        directory = self.chances(self.tree.directories)
        up = "/".join([".."] * (directory.count("/") + 1)) if directory else "."
        return (f"{directory or '.'}/{up}//{path or '.'}").replace("/", "/./", 1)

    def target(self, missing=0.1):
        return self.tree.missing() if self.chance.random() < missing else self.any()

    def make(self, kind, variants, missing=0.1, nofollow=(), objects=(), old=(0,), **settings):
        """A call on one path, or for the variants in objects on a descriptor."""
        call = Call(kind, self.chances(variants), **settings)
        if call.variant in objects:
            call.object = self.tree.full(self.any())
            if self.chance.random() < 0.3:
                call.object_flags = os.O_PATH
            return call
        call.follows[0] = "0" if call.variant in nofollow else "1"
        self.spell(call, 0, self.target(missing), call.variant not in old)
        return call

    def make_open(self):
        flags = self.chances((os.O_RDONLY, os.O_RDONLY, os.O_RDONLY, os.O_WRONLY, os.O_RDWR))
        for flag, share in ((os.O_TRUNC, 0.08), (os.O_NOFOLLOW, 0.08), (os.O_DIRECTORY, 0.08),
                            (os.O_PATH, 0.06), (os.O_CLOEXEC, 0.3), (os.O_APPEND, 0.1),
                            (os.O_NONBLOCK, 0.1), (os.O_CREAT, 0.1), (os.O_EXCL, 0.03)):
            if self.chance.random() < share:
                flags |= flag
        return self.opened(flags, 0.1)

    def opened(self, flags, missing):
        if flags & os.O_EXCL and not flags & os.O_CREAT:
            flags &= ~os.O_EXCL
        call = Call(OPEN, self.chances((0, 0, 1, 1, 1, 1, 2, 3, 4)), flags, 0)
        if call.variant == 4:
            call.flags = flags = os.O_CREAT | os.O_WRONLY | os.O_TRUNC
        if flags & os.O_CREAT:
            call.mode = 0o640
        if flags & os.O_PATH and call.variant in (2, 3):
            call.flags &= os.O_PATH | os.O_NOFOLLOW | os.O_DIRECTORY | os.O_CLOEXEC
            call.mode = 0
        follows = not flags & os.O_NOFOLLOW and not (
            flags & os.O_CREAT and flags & os.O_EXCL and not flags & os.O_PATH)
        call.follows[0] = "1" if follows else "0"
        self.spell(call, 0, self.target(missing), call.variant in (1, 2, 3))
        return call

    def make_create(self):
        flags = os.O_CREAT | self.chances((os.O_WRONLY, os.O_RDWR, os.O_RDONLY))
        for flag, share in ((os.O_TRUNC, 0.3), (os.O_EXCL, 0.3), (os.O_NOFOLLOW, 0.1)):
            if self.chance.random() < share:
                flags |= flag
        return self.opened(flags, 0.8)

    def make_temporary(self):
        call = Call(OPEN, self.chances((0, 1)),
                    os.O_TMPFILE | self.chances((os.O_WRONLY, os.O_RDWR)), 0o600)
        self.spell(call, 0, self.chances(self.tree.directories), call.variant == 1)
        call.follows[0] = "1"
        return call

    def make_truncate(self):
        return self.make(TRUNCATE, (0,), mode=self.chances((0, 3)))

    def make_stat(self):
        return self.make(STAT, range(8), nofollow=(1, 3, 5), objects=(6, 7), old=(0, 1))

    def make_access(self):
        return self.make(ACCESS, range(3), mode=self.chances((0, 1, 2, 4, 6)))

    def make_chdir(self):
        call = self.make(CHDIR, range(2), objects=(1,), old=range(2))
        if not call.object and self.chance.random() < 0.6:
            self.spell(call, 0, self.chances(self.tree.directories), False)
        return call

    def make_readlink(self):
        call = self.make(READLINK, range(2), nofollow=(0, 1))
        if self.links and self.chance.random() < 0.7:
            call.at[0], call.paths[0] = "", self.chances(self.links)
        return call

    def make_get_xattr(self):
        return self.make(GET_XATTR, range(6), nofollow=(1, 4), objects=(2, 5), old=range(6))

    def make_chmod(self):
        mode = self.chances((0o600, 0o644, 0o755, 0, 0o4755, 0o2755, 0o1777))
        return self.make(CHMOD, range(5), nofollow=(3,), objects=(4,), mode=mode)

    def make_chown(self):
        mine, none = os.geteuid(), 0xffffffff
        owner = self.chances((mine, none, 1 if mine == 0 else mine))
        return self.make(CHOWN, range(6), nofollow=(1, 3), objects=(4, 5), old=(0, 1), flags=owner,
                         mode=self.chances((none, os.getegid(), 1)))

    def make_times(self):
        return self.make(TIMES, range(6), nofollow=(4,), objects=(5,), old=(0, 1),
                         mode=self.chances((0, 1)))

    def make_set_xattr(self):
        return self.make(SET_XATTR, range(6), nofollow=(1, 4), objects=(2, 5), old=range(6),
                         mode=self.chances((0, 1)))

    def make_new(self):
        kind = self.chances((MKDIR, SYMLINK, MKNOD))
        call = self.make(kind, range(2), missing=0.8, nofollow=range(2), mode=0o755)
        if kind == SYMLINK:
            call.paths[1] = self.chances(("file", "../x", self.tree.full(self.any())))
        if kind == MKNOD:
            call.mode = 0o640 | self.chances(
                (stat.S_IFIFO, stat.S_IFIFO, stat.S_IFSOCK, stat.S_IFREG, stat.S_IFCHR))
        return call

    def make_bind(self):
        call = Call(BIND, 0, self.chances((1, 2, 5)))  # SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET
        self.spell(call, 0, self.target(0.8), False)
        if call.paths[0].startswith(self.tree.root):  # there is little room for the address
            call.paths[0] = "." + call.paths[0][len(self.tree.root):]
        call.follows[0] = "0"
        return call

    def make_remove(self):
        return self.make(self.chances((UNLINK, UNLINK, RMDIR)), range(2), nofollow=range(2))

    def two_paths(self, call, source, target):
        has_at = call.variant != 0
        if not (call.kind == LINK and call.variant == 3):
            call.follows[0] = "1" if call.kind == LINK and call.variant == 2 else "0"
            self.spell(call, 0, source, has_at)
        call.follows[1] = "0"
        self.spell(call, 1, target, has_at)
        return call

    def make_rename(self):
        call = Call(RENAME, self.chances((0, 1, 2, 2)))
        if call.variant == 2:
            call.flags = self.chances((0, 1, 2))
        source, target = self.target(), self.target(0.6)
        if call.flags == 2:
            target = self.target()
        elif self.tree.files.get(source, "-")[0] == "d" and self.chance.random() < 0.3:
            target = self.tree.missing()
        return self.two_paths(call, source, target)

    def make_link(self):
        call = Call(LINK, self.chances((0, 1, 2, 3)))
        if call.variant == 3:
            call.object = self.tree.full(self.any())
            call.object_flags = os.O_PATH if self.chance.random() < 0.7 else os.O_RDONLY
        return self.two_paths(call, self.any(), self.target(0.85))

    def list(self, count):
        return [maker() for maker in self.chance.choices(self.makers, self.weights, k=count)]


# What must happen.

class Place:
    __slots__ = ("state", "type", "name", "links")

    def __init__(self, words):
        self.state, self.type = words[0], words[1]
        self.name = unescape(words[2])
        self.links = [unescape(word) for word in words[3].split(",")] if words[3] != "-" else []


class Result:
    """A line of the driver's."""

    def __init__(self, line):
        words = line.split()
        self.outside, self.inside = int(words[0]), int(words[3])
        self.told_outside, self.told_inside = words[1], words[4]
        self.done_outside, self.done_inside = words[2], words[5]
        self.places = [Place(words[6:10]), Place(words[10:14])]
        self.object = Place(words[14:18])


METADATA_OPERATIONS = {STAT: "file-read-metadata", READLINK: "file-read-metadata",
                       GET_XATTR: "file-read-xattr", CHMOD: "file-write-mode",
                       CHOWN: "file-write-owner", TIMES: "file-write-times",
                       SET_XATTR: "file-write-xattr"}
NEW = (MKDIR, SYMLINK, MKNOD, BIND)


def asks_of_open(call, place):
    """O_PATH asks for no more than whether it is there, a new file for its creation, and both for
    what the mode says."""
    if call.flags & os.O_PATH:
        return [("file-test-existence", place.name)]
    asks, name = [], place.name
    if call.flags & os.O_TMPFILE == os.O_TMPFILE:
        name += "/#1"
        asks.append(("file-write-create", name))
    elif place.state == "m":
        asks.append(("file-write-create", name))
    if call.flags & os.O_ACCMODE != os.O_WRONLY:
        asks.append(("file-read-data", name))
    is_cut = call.flags & os.O_TRUNC and place.type == "f"
    if call.flags & os.O_ACCMODE != os.O_RDONLY or is_cut:
        asks.append(("file-write-data", name))
    return asks


def asks_of_move(call, source, target):
    if call.kind == LINK:
        return [("file-link", source.name), ("file-read-data", source.name),
                ("file-write-data", source.name), ("file-write-create", target.name)]
    asks = [("file-write-unlink", source.name), ("file-write-create", target.name)]
    if target.state == "e":
        asks.append(("file-write-unlink", target.name))
    if call.kind == RENAME and call.flags == 2:
        asks.append(("file-write-create", source.name))
    return asks


def asks_of(call, result):
    """The questions that must all be answered yes."""
    place = result.places[0]
    if call.kind in (RENAME, LINK):
        source = result.object if call.kind == LINK and call.variant == 3 else place
        return asks_of_move(call, source, result.places[1])
    if call.follows[0] == "n":
        place = result.object
    if call.kind == OPEN:
        return asks_of_open(call, place)
    if call.kind == TRUNCATE:
        return [("file-write-data", place.name)]
    if call.kind == ACCESS:
        return [("file-read-metadata" if call.mode else "file-test-existence", place.name)]
    if call.kind == CHDIR:
        return [("file-read-metadata", place.name), ("file-test-existence", place.name)]
    if call.kind in NEW:
        asks = [("file-write-create", place.name)]
        if call.kind == MKNOD and stat.S_ISCHR(call.mode):
            asks.append(("file-mknod", place.name))
        return asks
    if call.kind in (UNLINK, RMDIR):
        return [("file-write-unlink", place.name)]
    asks = [(METADATA_OPERATIONS[call.kind], place.name)]
    if call.kind == CHMOD and call.mode & 0o6000:
        asks.append(("file-write-setugid", place.name))
    return asks


def is_elsewhere(name):
    """The base profile allows looking at it."""
    return name.startswith(("/proc/", "/dev/")) or not name.startswith("/")


class Judge:
    """Of the calls under one profile. Wrong are: "ESCAPE", "blocked", "told", "done", "error"."""

    def __init__(self, decisions, tree, mechanisms, cases):
        self.decide, self.tree, self.mechanisms = decisions, tree, mechanisms
        self.counts = collections.Counter()
        # Landlock says EACCES, the broker EPERM.
        self.refused_by_broker = {self.family(call) for call, result in cases
                                  if result.outside == 0 and result.inside == errno.EPERM}
        # Where existence is denied of something, the broker answers everything.
        self.is_all_brokered = self.is_brokered("file-test-existence")
        self.are_moves_brokered = "moves" in self.refused_by_broker or self.is_all_brokered

    def family(self, call):
        """Calls that are brokered together, if at all."""
        if call.kind == OPEN:
            if call.flags & os.O_PATH:
                return None
            if call.flags & os.O_TMPFILE == os.O_TMPFILE:
                return "temporary"
            if call.variant in (2, 3):
                return "openat2"
            writes = call.flags & (os.O_ACCMODE | os.O_CREAT | os.O_TRUNC)
            return "writing" if writes else "reading"
        if call.kind == RENAME or (call.kind == LINK and
                                   self.mechanisms.get("file-link") != "seccomp"):
            return "moves"
        if call.kind == MKNOD and stat.S_ISCHR(call.mode):
            return None
        return KIND_NAMES[call.kind] if call.kind in NEW + (TRUNCATE,) else None

    def is_brokered(self, operation):
        return "broker" in self.mechanisms.get(operation, "")

    def is_allowed(self, operation, name):
        return is_elsewhere(name) or self.decide(operation, name)

    def is_hidden(self, name):
        return self.is_all_brokered and bool(name) and not self.is_allowed("file-test-existence", name)

    def is_told(self, call, result):
        """An error says what is there, or what is not, although neither that may be known nor what
        the call asks for is allowed."""
        for place, path, follows in zip(result.places, call.paths, call.follows):
            # With a slash at its end, a symlink is itself what is in the way.
            if path.endswith("/") and place.links:
                continue
            if follows == "n" or result.inside != result.outside or not self.is_hidden(place.name):
                continue
            is_source = call.kind in (RENAME, LINK) and place is result.places[0]
            is_target = call.kind in (RENAME, LINK) and not is_source
            if result.inside == errno.ENOENT and place.state == "m" and (
                    call.kind not in NEW and not is_target):
                return True
            wanted = ["file-write-create"]
            if is_source:
                wanted = [operation for operation, _ in asks_of_move(call, place, place)[:-1]
                          ] if call.kind == LINK else ["file-write-unlink"]
            if result.inside == errno.EEXIST and place.state == "e" and not all(
                    [self.is_allowed(operation, place.name) for operation in wanted]):
                return True
        return False

    def is_stepping_up(self, call, result):
        """It may go up from a directory that may not be known."""
        goes_up = any(".." in path.split("/") for path in call.paths)
        return self.is_all_brokered and (goes_up or any(place.links for place in result.places)) and any(
            [self.is_hidden(self.tree.full(directory)) for directory in self.tree.directories])

    def is_denied_link(self, result):
        return any([not self.is_allowed("file-read-metadata", link)
                    for place in result.places for link in place.links])

    def opens(self, source, target, operations):
        """Moving what is at the source would allow on it what is denied."""
        found = False
        for name in self.tree.below(source):
            new = target + name[len(source):]
            for operation in operations:
                before, after = self.decide(operation, name), self.decide(operation, new)
                if after and not before:
                    found = found or (operation, name, new)
        return found

    def is_exposing(self, call, result, operations=EXPOSED):
        if call.kind not in (RENAME, LINK):
            return False
        source, target = result.places
        if call.kind == LINK and call.variant == 3:
            source = result.object
        if source.state != "e" or target.state == "x" or is_elsewhere(source.name):
            return False
        return self.opens(source.name, target.name, operations) or (
            call.kind == RENAME and call.flags == 2 and target.state == "e" and
            self.opens(target.name, source.name, operations))

    def is_lenient(self, asks, result):
        """Where Landlock grants less than the rules: names that are granted by themselves are not
        made or removed (that right belongs to their directory), and a directory that is granted
        without what is below it is not listed."""
        if result.inside == errno.EPERM:
            return False
        for operation, name in asks:
            if self.mechanisms.get(operation) != "Landlock":
                continue
            place = os.path.dirname(name)
            if operation == "file-read-data" and result.places[0].type == "d":
                place = name
            elif operation not in ("file-write-create", "file-write-unlink") and (
                    result.places[0].state != "m"):
                continue
            if not self.decide(operation, place + "/any other name"):
                return True
        return False

    def is_cut_denied(self, result):
        """What O_TRUNC asks for, although there may be nothing to cut off."""
        name = result.places[0].name
        return bool(name) and not self.is_allowed("file-write-data", name)

    def judge(self, call, result):
        asks = [(operation, name) for operation, name in asks_of(call, result) if name]
        if call.kind == LINK and not self.are_moves_brokered:
            asks = [ask for ask in asks if ask[0] not in ("file-read-data", "file-write-data")]
        if call.kind == LINK and call.variant == 3 and os.geteuid() and result.inside == errno.ENOENT:
            self.counts["links to what somebody else has opened"] += 1
            return None
        denied = [ask for ask in asks if not self.is_allowed(*ask)]
        link = self.is_denied_link(result)
        exposing = self.is_exposing(call, result)
        if result.inside and result.done_inside != "0":
            return self.judge_half(call, result, denied)
        if call.kind == OPEN and call.variant in (2, 3) and result.inside == errno.ENOSYS:
            self.counts["openat2 is missing"] += 1
            return None
        if result.outside:
            return self.judge_failure(call, result, asks, denied or exposing, link)
        if result.inside == 0:
            return self.judge_success(call, result, denied, link, exposing)
        if denied or (call.kind == OPEN and call.flags & os.O_TRUNC and self.is_cut_denied(result)):
            return self.judge_refusal(result)
        return self.judge_surplus(call, result, asks, link, exposing)

    def judge_half(self, call, result, denied):
        """Something has been done, then came an error: the kernel asks Landlock for the right to
        make a file, makes it, and only then for the right to open it."""
        is_made = call.kind == OPEN and call.flags & os.O_CREAT and denied and all(
            operation != "file-write-create" for operation, _ in denied)
        if not is_made or result.inside != errno.EACCES:
            return "done"
        self.counts["files made by Landlock, but not opened"] += 1
        return None

    def is_refused_whole(self, call):
        """By seccomp, which looks at no path."""
        operation = METADATA_OPERATIONS.get(call.kind)
        return self.mechanisms.get(operation) == "seccomp" or (
            call.kind == CHMOD and call.mode & 0o6000 and not self.is_brokered(operation)) or (
                call.kind == LINK and self.mechanisms.get("file-link") == "seccomp")

    def judge_failure(self, call, result, asks, denied, link):
        """It fails without a sandbox too."""
        if self.is_told(call, result):
            return "ESCAPE"
        if result.inside == result.outside:
            self.counts["failed as without a sandbox"] += 1
            return None
        if result.inside == 0:
            return "ESCAPE"
        hidden = [self.is_hidden(place.name) for place in result.places]
        if result.inside == errno.EPERM and any(hidden):
            self.counts["refused for what might be known"] += 1
            return None
        if result.inside == errno.EPERM and (
                self.is_stepping_up(call, result) or (self.is_all_brokered and any(
                    place.state == "x" for place, follows in zip(result.places, call.follows)
                    if follows != "n"))):
            self.counts["refused for what might be known of a directory"] += 1
            return None
        is_missing = result.outside == errno.ENOENT and call.follows[0] != "n" and (
            result.places[0].state == "x" or (
                result.places[0].state == "m" and call.kind not in NEW))
        denied = denied or (call.kind == OPEN and call.flags & os.O_TRUNC and
                            self.is_cut_denied(result))
        # The kernel has several errors for paths that are no good, and some come late.
        denied = denied or any(follows != "n" and (place.state == "x" or path.endswith("/")) for
                               place, path, follows in zip(result.places, call.paths, call.follows))
        if result.inside in REFUSALS and (link or (denied and not is_missing)):
            self.counts["refused before its own error"] += 1
            return None
        if call.kind in (RENAME, LINK) and not self.are_moves_brokered and (
                result.inside in REFUSALS + (errno.EXDEV,)):
            self.counts["moves that Landlock refuses before their own error"] += 1
            return None
        if result.inside in REFUSALS and self.is_lenient(asks, result):
            self.counts["refused by Landlock before its own error"] += 1
            return None
        if result.inside == errno.EPERM and self.is_refused_whole(call):
            self.counts["refused whatever the file"] += 1
            return None
        return "error"

    def judge_success(self, call, result, denied, link, exposing):
        same_file = call.kind == RENAME and result.done_outside == "0"
        is_temporary = call.kind == OPEN and call.flags & os.O_TMPFILE == os.O_TMPFILE
        if is_temporary and denied and not self.is_all_brokered and (
                "temporary" not in self.refused_by_broker) and all(
                operation == "file-write-create" for operation, _ in denied):
            self.counts["nameless files, which Landlock does not know of"] += 1
        elif denied and self.is_alias(call, denied, result.places[0]):
            self.counts["other names of files that Landlock allows"] += 1
        elif denied and same_file:
            self.counts["moves of a file onto itself"] += 1
        elif denied:
            return "ESCAPE"
        if exposing:
            return "ESCAPE"
        if link:
            if self.is_call_brokered(call):
                return "ESCAPE"
            self.counts["denied symlinks followed by calls that are not brokered"] += 1
        # In procfs a link is another one for each process.
        if result.told_inside != result.told_outside and not result.places[0].name.startswith("/proc/"):
            return "told"
        if result.done_inside != result.done_outside:
            return "done"
        self.counts["done"] += 1
        return None

    def is_alias(self, call, denied, place):
        """Landlock knows files, not names: what it allows under one, it does under all."""
        others = [name for name in self.tree.aliases(place.name) if name != place.name]
        return call.kind in (OPEN, TRUNCATE) and place.state == "e" and not self.is_all_brokered and (
            self.family(call) not in self.refused_by_broker) and all(
                [operation in ("file-read-data", "file-write-data") and any(
                    [self.decide(operation, other) for other in others]) for operation, _ in denied])

    def is_call_brokered(self, call):
        """Certainly: only of such calls are symlinks on the way decided on."""
        if call.kind in (RENAME, LINK):
            return self.are_moves_brokered
        if call.kind in (CHDIR, ACCESS):
            return self.is_brokered("file-read-metadata")
        family = self.family(call)
        return (family and family in self.refused_by_broker) or (
            self.is_brokered(METADATA_OPERATIONS.get(call.kind)))

    def judge_refusal(self, result):
        if result.inside not in REFUSALS + (errno.EXDEV,):
            return "error"
        self.counts["refused"] += 1
        return None

    def judge_surplus(self, call, result, asks, link, exposing):
        """Refused although all questions are answered yes."""
        if result.inside not in REFUSALS + (errno.EXDEV,):
            return "error"
        if exposing:
            self.counts["refused for what it would expose"] += 1
        elif self.is_exposing(call, result, OF_NEW):
            self.counts["refused for what would be new"] += 1
        elif link:
            self.counts["refused for a symlink"] += 1
        elif self.is_stepping_up(call, result):
            self.counts["refused for going up from what might be known"] += 1
        elif call.kind in (RENAME, LINK) and not self.are_moves_brokered and (
                result.inside != errno.EPERM):
            self.counts["moves that Landlock refuses by rules of its own"] += 1
        elif self.is_lenient(asks, result):
            self.counts["refused because Landlock grants less"] += 1
        else:
            return "blocked"
        return None


# Runs.

def mechanisms_of(sbxctl, profile):
    """What enforces each operation here."""
    with open("profile.sb", "wb") as file:
        file.write(profile.text.encode("latin-1"))
    result = subprocess.run([sbxctl, "check", "--json", "profile.sb"], capture_output=True)
    try:
        operations = json.loads(result.stdout.decode("latin-1"))[0]["operations"]
    except (ValueError, LookupError):
        sys.exit(f"sbxctl check failed:\n{result.stderr.decode()}\n{profile.text}")
    return {item["operation"]: item["text"] for operation in operations
            for item in operation["enforcement"]}


def drive(arguments, profile, tree, calls):
    """What the driver prints; None if the sandbox refuses to run."""
    sandbox_exec, programs = arguments.sandbox_exec, arguments.programs
    shutil.rmtree(tree.root, ignore_errors=True)
    os.mkdir(tree.root)
    lines = []
    for path, (kind, mode, target) in tree.files.items():
        named = int(tree.full(path) in profile.named)
        lines.append(f"file {kind} 0{mode:o} {escape(path)} {escape(target)} {named}\n")
    lines.append("make\n")
    lines += [call.line() for call in calls]
    result = subprocess.run(
        [f"{programs}/file-driver", tree.root, sandbox_exec, "-p", profile.text.encode("latin-1"),
         f"{programs}/file-calls"],
        input="".join(lines).encode(), capture_output=True, timeout=300)
    output = result.stdout.decode().splitlines()
    if result.returncode == 3 and output[-1] in ("end 125", "end 71"):
        return None
    if result.returncode or len(output) != len(calls) + 1:
        sys.exit(f"file-driver ended with {result.returncode} after {len(output)} of {len(calls)}"
                 f" calls: {output[-1:]}\n{result.stderr.decode()}\n{profile.text}")
    return output


def error_name(number):
    return errno.errorcode.get(number, "no error")


class Run:
    def __init__(self, arguments):
        self.arguments = arguments
        self.counts, self.wrong, self.kinds, self.shown = (collections.Counter() for _ in range(4))
        self.styles = collections.Counter()
        self.profiles = self.refused = self.calls = self.restarts = 0

    def make_profile(self, chance, tree):
        style = chance.choices(("plain", "metadata", "any"), (25, 15, 60))[0]
        allows = style != "plain" and chance.random() < 0.6
        return Profile(Rules(chance, tree).rules(style), Base(allows, self.arguments.programs)), style

    def prepare(self, number):
        """Makes a profile, a tree and calls, and has the driver make the calls."""
        chance = random.Random(f"{self.arguments.seed}/{number}")
        tree = Tree(chance, os.path.join(os.getcwd(), "t"))
        profile, style = self.make_profile(chance, tree)
        calls = Calls(chance, tree).list(CALLS_PER_PROFILE)
        return number, profile, style, tree, calls, drive(self.arguments, profile, tree, calls)

    def finish_profile(self, number, profile, style, tree, calls, output):
        self.profiles += 1
        if output is None:
            self.refused += 1
            self.styles[style + ", refused"] += 1
            return
        self.styles[style] += 1
        self.calls += CALLS_PER_PROFILE
        self.restarts += int(output.pop().split()[1])
        reference = ("both", "here", "sbxctl", "sbxctl")[number % 4]
        self.compare(number, profile, tree, calls, [Result(line) for line in output], reference)

    def all(self):
        """The next profile's calls are made while those of one are judged."""
        wanted = int(self.arguments.calls)
        with concurrent.futures.ThreadPoolExecutor(1) as driver:
            number = 0
            following = driver.submit(self.prepare, 0)
            while self.calls < wanted and number < 2 * wanted // CALLS_PER_PROFILE + 10:
                number += 1
                current, following = following.result(), driver.submit(self.prepare, number)
                self.finish_profile(*current)
                if sum(self.wrong.values()) > 1000:
                    break
            following.cancel()

    def compare(self, number, profile, tree, calls, results, reference):
        decisions = Decisions(self.arguments.sbxctl, profile, reference)
        mechanisms = mechanisms_of(self.arguments.sbxctl, profile)
        cases = list(zip(calls, results))
        judge = Judge(decisions, tree, mechanisms, cases)
        while True:
            for call, result in cases:
                judge.judge(call, result)
            if not decisions.asked:
                break
            decisions.settle()
        judge.counts = self.counts
        self.styles["with brokered moves"] += judge.are_moves_brokered
        is_shown = False
        for call, result in cases:
            wrong = judge.judge(call, result)
            self.kinds[call.kind, bool(result.inside)] += 1
            if not wrong:
                continue
            self.wrong[wrong] += 1
            like = wrong, call.kind, call.variant, result.outside, result.inside
            self.shown[like] += 1
            if self.shown[like] <= 1:
                self.show(wrong, call, result, judge)
                is_shown = True
        if is_shown:
            print(f"with seed {self.arguments.seed}, profile {number}:"
                  f"\n{profile.text}\n", flush=True)

    def show(self, wrong, call, result, judge):
        asks = [f"{operation} {path!r}: {'yes' if judge.is_allowed(operation, path) else 'no'}"
                for operation, path in asks_of(call, result) if path]
        links = [f"{link!r}" for place in result.places for link in place.links]
        print(f"{wrong}: {call}: {error_name(result.outside)} outside, {error_name(result.inside)} inside"
              f" (told {result.told_outside} {result.told_inside}, done {result.done_outside}"
              f" {result.done_inside})\n    {'; '.join(asks)}"
              + (f"\n    through {', '.join(links)}" if links else "")
              + (f"\n    exposing {judge.is_exposing(call, result)}"
                 if judge.is_exposing(call, result) else ""))

    def finish(self, seconds):
        print(f"seed {self.arguments.seed}: {self.calls} calls under"
              f" {self.profiles - self.refused} profiles in {seconds:.1f} s,"
              f" {self.calls / seconds:.0f} per second; {self.refused} of {self.profiles} profiles"
              f" were refused; the sandbox was made anew {self.restarts} times")
        print("profiles: " + ", ".join(f"{count} {what}" for what, count in sorted(self.styles.items())))
        print("calls (done/failed): " + ", ".join(
            f"{KIND_NAMES[kind]} {self.kinds[kind, False]}/{self.kinds[kind, True]}"
            for kind in range(1, len(KIND_NAMES))))
        for what, count in self.counts.most_common():
            print(f"{count:8} {what}")
        for what, count in self.wrong.most_common():
            print(f"{count:8} WRONG: {what}")
        for (what, kind, variant, outside, inside), count in self.shown.most_common():
            print(f"{count:8} {what}: {KIND_NAMES[kind]}/{variant}, {error_name(outside)} outside,"
                  f" {error_name(inside)} inside")
        if self.refused > self.profiles * REFUSED_SHARE:
            sys.exit("too many profiles are refused: the test proves little")
        sys.exit(bool(self.wrong))


def main():
    arguments = collections.namedtuple("Arguments", "sandbox_exec sbxctl programs calls seed")(
        *sys.argv[1:])
    run = Run(arguments)
    start = time.monotonic()
    run.all()
    run.finish(time.monotonic() - start)


main()
