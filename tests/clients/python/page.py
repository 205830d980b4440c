"""Reads the call service's page and follows it from top to bottom, as a person with one shell would."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from service import BINARY

# Seconds for one block: a client is loaded and compiled for the first time, on a busy machine.
PATIENCE = 90

PAGE = Path(__file__).parents[3] / "docs/call-service.md"
PACKAGES = Path(__file__).parents[1] / "node_modules"
FENCE = re.compile(r"^```(?P<kind>\w+)(?: (?P<mark>\w+))?\n(?P<text>.*?)^```$", re.M | re.S)


class Block:
    """A fenced block that is to be run, and what it prints if the page says so."""

    def __init__(self, kind, text, line):
        self.kind, self.text, self.line = kind, text, line
        self.output = None

    def __repr__(self):
        return f"line-{self.line}-{self.kind}"

    def matches(self, printed):
        """Whether this was printed; an ellipsis on the page stands for anything within a line."""
        parts = [re.escape(part) for part in self.output.strip().split("…")]
        return re.fullmatch(".*".join(parts), printed.strip()) is not None


def blocks():
    """Every block to be run, in order."""
    text = PAGE.read_text()
    found = []
    for fence in FENCE.finditer(text):
        line = text[: fence.start()].count("\n") + 1
        kind, mark = fence["kind"], fence["mark"]
        if mark == "run":
            found.append(Block(kind, fence["text"], line))
        elif mark == "output":
            assert found and found[-1].output is None, f"line {line}: output of what?"
            found[-1].output = fence["text"]
        else:
            # Code on this page is run, or it is no code.
            assert kind in ("json", "text"), f"line {line}: {kind} that nobody runs"
    return found


def table(heading):
    """The rows of the first table below a heading, without its header, as lists of cells."""
    section = PAGE.read_text().split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line for line in section.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    assert len(cells) > 2, f"no table below {heading!r}"
    return cells[2:]


class Reader:
    """A shell in a folder of its own, in which `foldback`, `python` and `node` are at hand."""

    def __init__(self, folder):
        self.folder = folder
        self.exports = folder / "exports.sh"
        self.exports.write_text("")
        (folder / "node_modules").symlink_to(PACKAGES)
        tools = folder / "tools"
        tools.mkdir()
        (tools / "foldback").symlink_to(BINARY)
        # Not a link: a virtual environment is known by the place of its Python.
        python = tools / "python"
        python.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n')
        python.chmod(0o755)
        self.environment = dict(os.environ, PATH=f"{tools}:{os.environ['PATH']}")
        assert shutil.which("node"), "the page's JavaScript needs node"

    def run(self, block):
        """Runs a block; what the shell exports stays for the next one."""
        if block.kind == "sh":
            script = f". {self.exports}\nset -eu\n{block.text}\nexport -p > {self.exports}\n"
        else:
            name = {"python": "example.py", "javascript": "example.mjs"}[block.kind]
            (self.folder / name).write_text(block.text)
            runner = {"python": "python", "javascript": "node"}[block.kind]
            script = f". {self.exports}\nexec {runner} {name}\n"
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        said = f"{block.text}\n{done.stdout}\n{done.stderr}"
        assert done.returncode == 0, said
        if block.output is not None:
            assert block.matches(done.stdout), f"{said}\ninstead of\n{block.output}"

    def value(self, name):
        """What the shell has exported under this name; none when nothing."""
        script = f'. {self.exports}; printf %s "${{{name}-}}"'
        done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
        return done.stdout or None
