"""Greets from the command line."""

import shutil
import subprocess
import sys

from tidewords_core import greeting


def line(hour: int, name: str) -> str:
    """One greeting, as a line."""
    return f"{greeting(hour)}, {name}!"


def main() -> int:
    """The command `tidewords HOUR NAME`."""
    if len(sys.argv) != 3 or not sys.argv[1].isdigit():
        print("usage: tidewords HOUR NAME", file=sys.stderr)
        return 2
    words = line(int(sys.argv[1]), sys.argv[2])
    banner = shutil.which("tidewords-banner")
    if banner:
        return subprocess.run([banner, words], check=False).returncode
    print(words)
    return 0
