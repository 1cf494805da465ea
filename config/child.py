"""Runs a command that ends when its parent does, even if the parent was killed.

`python child.py PARENT COMMAND ...`; standard library only.
"""

import ctypes
import os
import signal
import sys
from pathlib import Path

PR_SET_PDEATHSIG = 1


def wrapped(command: list[str]) -> list[str]:
    """The command line that runs `command` as a child that does not outlive this process."""
    here = str(Path(__file__).resolve())
    return [sys.executable, "-E", "-S", here, str(os.getpid()), *command]


def main() -> None:
    """Ask the kernel for SIGTERM at the parent's death, then become the command."""
    parent, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it died before we asked
        sys.exit(1)
    os.execvp(command[0], command)  # noqa: S606


if __name__ == "__main__":
    main()
