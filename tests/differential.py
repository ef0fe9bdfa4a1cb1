"""Compares what a sandbox really does with what the rules say.

usage: differential.py SBX PROBE PROFILES SEED

Makes a small tree of files below the current directory, random profiles of allow and deny rules
about it, and a list of attempts. Each profile is run with `sbx -e TEXT PROBE ATTEMPT...`, and what
the probe could do is compared with a decision made here, from the rules themselves, by the order
of evaluation that SBPL.md section 5 describes. Nothing of sbx's own evaluation is used.

Profiles that sbx refuses to enforce (status 125) prove nothing: at least half must be enforceable.
"""
import os
import random
import shutil
import subprocess
import sys

PARENTS = {
    "file-read-data": "file-read*",
    "file-write-data": "file-write*",
    "file-write-create": "file-write*",
    "file-write-unlink": "file-write*",
    "file-read*": "file*",
    "file-write*": "file*",
    "file*": "default",
    "default": None,
}
LEAVES = ("file-read-data", "file-write-data", "file-write-create", "file-write-unlink")


def is_within(path, directory):
    return path == directory or path.startswith(directory.rstrip("/") + "/")


def matches(filter_, path):
    kind, argument = filter_
    if kind == "literal":
        return path == argument
    if kind == "subpath":
        return is_within(path, argument)
    if kind == "require-not":
        return not matches(argument, path)
    if kind == "require-any":
        return any(matches(part, path) for part in argument)
    return all(matches(part, path) for part in argument)


def decide(rules, operation, path):
    """The latest matching filtered rule of the operation, else its latest unfiltered rule, else the
    same of its parent. Nothing at all: deny."""
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
        operation = PARENTS[operation]
    return False


def text_of(filter_):
    kind, argument = filter_
    if isinstance(argument, str):
        return f'({kind} "{argument}")'
    if kind == "require-not":
        return f"({kind} {text_of(argument)})"
    return f"({kind} {' '.join(map(text_of, argument))})"


def text_of_rules(rules):
    return "\n".join(
        f"({' '.join([action, *operations, *map(text_of, filters)])})"
        for action, operations, filters in rules
    )


DIRECTORIES = ("a", "a/b", "a/b/c", "d", "d/e", "f")


def make_tree(root):
    """Every directory has a file to read, one to write, one to remove, one to move, an empty
    directory to remove; here and there are symlinks to files and directories elsewhere."""
    shutil.rmtree(root, ignore_errors=True)
    os.mkdir(root)
    for directory in DIRECTORIES:
        place = os.path.join(root, directory)
        os.mkdir(place)
        for name in ("file", "data", "gone", "moved", "local"):
            with open(os.path.join(place, name), "w") as file:
                file.write("content\n")
        os.mkdir(os.path.join(place, "empty"))
    os.symlink("../d/e", f"{root}/a/to-directory")
    os.symlink("../a/b", f"{root}/d/to-directory")
    os.symlink("../d/data", f"{root}/a/to-file")
    os.symlink("../a/b/c/data", f"{root}/f/to-file")
    os.symlink(f"{root}/a", f"{root}/f/to-a")


def real(path, follow=True):
    """The name that the kernel decides on: without symlinks, but for the last of a new name."""
    if follow:
        return os.path.realpath(path)
    head, tail = os.path.split(path)
    return os.path.join(os.path.realpath(head), tail)


class Attempt:
    """Words for the probe, and the questions (operation, path) that must all be answered yes."""

    def __init__(self, *words, asks, directories=()):
        self.words = words
        self.asks = asks
        self.directories = directories  # of a move from one to another


def attempts_in(root):
    places = [os.path.join(root, directory) for directory in DIRECTORIES]
    # The same directories by other names.
    names = places + [f"{root}/a/to-directory", f"{root}/d/to-directory", f"{root}/f/to-a/b"]
    attempts = []

    def add(word, path, *operations, follow=True):
        target = real(path, follow)
        attempts.append(Attempt(word, path, asks=[(o, target) for o in operations]))

    for place in names:
        add("list", place, "file-read-data")
        add("read", f"{place}/file", "file-read-data")
        add("write", f"{place}/file", "file-write-data")
        add("append", f"{place}/data", "file-write-data")
        add("truncate", f"{place}/data", "file-write-data")
        add("trunc", f"{place}/data", "file-write-data")
    for link in (f"{root}/a/to-file", f"{root}/f/to-file"):
        add("read", link, "file-read-data")
        add("write", link, "file-write-data")
    for number, place in enumerate(names):
        add("mkdir", f"{place}/directory{number}", "file-write-create", follow=False)
        add("fifo", f"{place}/fifo{number}", "file-write-create", follow=False)
        # open(2) with O_CREAT also asks whether the new file may be written.
        add("create", f"{place}/new{number}", "file-write-create", "file-write-data", follow=False)
        new = f"{place}/link{number}"
        attempts.append(
            Attempt("symlink", "target", new, asks=[("file-write-create", real(new, False))]))
    for place in places:
        add("unlink", f"{place}/gone", "file-write-unlink", follow=False)
        add("rmdir", f"{place}/empty", "file-write-unlink", follow=False)
        attempts.append(Attempt(
            "rename", f"{place}/local", f"{place}/renamed",
            asks=[("file-write-unlink", f"{place}/local"),
                  ("file-write-create", f"{place}/renamed")]))
    for source in places:
        target = places[(places.index(source) + 2) % len(places)]
        new = f"{target}/from-{os.path.basename(source)}"
        attempts.append(Attempt(
            "rename", f"{source}/moved", new,
            asks=[("file-write-unlink", f"{source}/moved"), ("file-write-create", new)],
            directories=(source, target)))
    return attempts


class Generator:
    def __init__(self, seed, root):
        self.random = random.Random(seed)
        self.root = root
        places = [os.path.join(root, directory) for directory in DIRECTORIES]
        self.places = places
        self.paths = places + [
            f"{place}/{name}"
            for place in places
            for name in ("file", "data", "gone", "moved", "new0", "empty")
        ] + [f"{root}/a/to-file", f"{root}/a/to-directory", f"{root}/missing", root]

    def simple(self):
        if self.random.random() < 0.65:
            return ("subpath", self.random.choice(self.places))
        return ("literal", self.random.choice(self.paths))

    def filter(self, action):
        choice = self.random.random()
        if choice < 0.70:
            return self.simple()
        if choice < 0.80:
            return ("require-any", [self.simple() for _ in range(self.random.randint(1, 3))])
        if choice < 0.95 or action == "deny":
            return ("require-all", [self.simple(), ("require-not", self.simple())])
        return ("require-not", self.simple())

    def operations(self):
        if self.random.random() < 0.25:
            return ["file-read*"]
        return self.random.sample(LEAVES, self.random.randint(1, 3))

    def rule(self):
        if self.random.random() < 0.04:  # an unfiltered one: the default of its operation
            return ("allow", [self.random.choice(LEAVES)], [])
        if self.random.random() < 0.03:  # without reading, the probe would not start
            return ("deny", [self.random.choice(LEAVES[1:])], [])
        action = "deny" if self.random.random() < 0.2 else "allow"
        filters = [self.filter(action) for _ in range(self.random.randint(1, 2))]
        return (action, self.operations(), filters)

    def rules(self):
        return [self.rule() for _ in range(self.random.randint(1, 7))]


def is_documented(attempt, rules):
    """Where Landlock grants less than the rules: names that are granted by themselves are not made
    or removed (that right belongs to their directory), a directory that is granted without what
    is below it is not listed, and a file moves only between directories with all rights alike."""
    for operation, path in attempt.asks:
        if operation in ("file-write-create", "file-write-unlink"):
            # Nothing else in that directory may: what allows is about this name.
            if not decide(rules, operation, os.path.dirname(path) + "/any other name"):
                return True
        elif attempt.words[0] == "list":
            if not decide(rules, operation, path + "/any other name"):
                return True
        elif attempt.words[0] == "create":
            # A file that does not exist yet cannot be granted by its name.
            if not decide(rules, operation, os.path.dirname(path) + "/any other name"):
                return True
    if attempt.directories:
        source, target = (
            [decide(rules, operation, place + "/any other name") for operation in LEAVES]
            for place in attempt.directories)
        return source != target or False in source[2:]
    return False


def run(sbx, probe, rules, attempts):
    words = [word for attempt in attempts for word in attempt.words]
    result = subprocess.run(
        [sbx, "-q", "-e", text_of_rules(rules), probe, *words], capture_output=True, text=True,
        timeout=20)
    if result.returncode == 125:
        return None
    answers = result.stdout.splitlines()
    if len(answers) != len(attempts):
        sys.exit(f"the probe ended early, with {result.returncode}:\n{result.stderr}")
    return answers


def check(rules, attempts, answers):
    """The number of documented differences; what is wrong is printed, as (False, ...)."""
    wrong = documented = allowed = 0
    for attempt, answer in zip(attempts, answers):
        should = all(decide(rules, operation, path) for operation, path in attempt.asks)
        did = answer == "yes"
        allowed += did
        if did == should:
            if not did and answer not in ("EACCES", "EXDEV", "EPERM"):
                print(f"neither done nor refused: {' '.join(attempt.words)}: {answer}")
                wrong += 1
        elif should and is_documented(attempt, rules):
            documented += 1
        else:
            print(f"{'ESCAPE' if did else 'blocked'}: {' '.join(attempt.words)}: {answer}")
            wrong += 1
    return wrong, documented, allowed


def main():
    sbx, probe, profiles, seed = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
    root = os.path.join(os.getcwd(), "tree")
    generator = Generator(seed, root)
    make_tree(root)
    attempts = attempts_in(root)
    outside = subprocess.run(
        [probe, *(word for attempt in attempts for word in attempt.words)],
        capture_output=True, text=True)
    if set(outside.stdout.split()) != {"yes"}:
        sys.exit(f"not everything works outside the sandbox:\n{outside.stdout}")
    enforced = failed = differences = done = 0
    for number in range(profiles):
        rules = generator.rules()
        make_tree(root)
        answers = run(sbx, probe, rules, attempts)
        if answers is None:
            continue
        enforced += 1
        wrong, documented, allowed = check(rules, attempts, answers)
        differences += documented
        done += allowed
        if wrong:
            failed += 1
            print(f"seed {seed}, profile {number}:\n{text_of_rules(rules)}\n")
    print(f"{enforced} of {profiles} profiles enforced, {failed} of them wrongly;"
          f" {len(attempts)} attempts each, {done} succeeded, {differences} documented differences")
    if enforced * 2 < profiles:
        sys.exit("too few profiles can be enforced: the test proves little")
    if not done or done == enforced * len(attempts):
        sys.exit("all profiles allow nothing, or everything")
    sys.exit(failed > 0)


main()
