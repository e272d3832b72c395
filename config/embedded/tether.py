"""Run a command that does not outlive the process that started it.

Run by path, so that nothing of the project is imported: ``tether.py [--not-root] OWNER_PID SIGNAL
COMMAND…``. The kernel sends the signal to the command as soon as its owner is gone, however it
went; the setting survives the exec below because the command gains no privilege by it.
"""

import ctypes
import os
import sys
from pathlib import Path

CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1
NOBODY = 65534
NO_USER_NAMESPACE = 77


def cease_to_be_root() -> None:
    """Appear as an ordinary user in a user namespace, while files see the same user as before.

    PostgreSQL refuses to run as root. This needs no account and no change to any directory.
    """
    user, group = os.geteuid(), os.getegid()
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWUSER) != 0:
        sys.exit(NO_USER_NAMESPACE)
    try:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{NOBODY} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{NOBODY} {group} 1")
    except OSError:
        sys.exit(NO_USER_NAMESPACE)


def tie(signal: int) -> None:
    """Have the kernel send this process the signal as soon as its parent is gone."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal)


def main(arguments: list[str]) -> None:
    """Tie this process to its owner and become the command."""
    if arguments[0] == "--not-root":
        arguments = arguments[1:]
        cease_to_be_root()
    owner, signal, *command = arguments
    tie(int(signal))
    if sys.platform == "linux" and os.getppid() != int(owner):
        sys.exit(1)  # it died before the kernel knew of the tie
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])
