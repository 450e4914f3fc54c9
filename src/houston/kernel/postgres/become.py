"""Turns a new process into a program of PostgreSQL: what must happen between fork and exec.

Run as a script in an interpreter of its own, because code between fork and exec of a process with
threads may hang for ever. It must import nothing of Houston's.

    become.py PARENT_PID FOLDER USER GROUP PROGRAM [ARGUMENT ...]
"""

import ctypes
import os
import signal
import sys

FOLDER_FD = 9
"""Under this number a process that root started, and all of its own, have the data folder open."""
_PR_SET_PDEATHSIG = 1


def main(parent: str, folder: str, user: str, group: str, *command: str) -> None:
    os.setsid()  # Ctrl-C in the terminal is for Houston, which stops PostgreSQL when it is done.
    os.umask(0o077)
    os.chdir("/")
    if os.geteuid() == 0:
        _hand_over(folder)  # Before the change of user, who may have no way to it.
        os.setgroups([int(group)])
        os.setgid(int(group))
        os.setuid(int(user))
    if sys.platform == "linux":
        _die_with_parent()  # After the change of user, which would undo it.
    if os.getppid() == int(parent):
        os.execv(command[0], command)  # noqa: S606 - No shell is the point.
    sys.exit("Houston ended before PostgreSQL had begun.")


def _hand_over(folder: str) -> None:
    os.dup2(os.open(folder, os.O_RDONLY), FOLDER_FD)
    os.set_inheritable(FOLDER_FD, True)


def _die_with_parent() -> None:
    """SIGINT asks PostgreSQL to throw everybody out and shut down cleanly."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, signal.SIGINT, 0, 0, 0):
        sys.exit(f"prctl: {os.strerror(ctypes.get_errno())}")


if __name__ == "__main__":
    main(*sys.argv[1:])
