"""Where the embedded servers keep their files, all derived from ``VAR_DIR``."""

import os
import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

DATABASE = "backoffice"
SUPERUSER = "postgres"
ROLES = {"default": "backoffice_app", "owner": "backoffice_owner"}


@dataclass(frozen=True)
class EmbeddedPaths:
    """The files of one set of embedded servers."""

    var: Path

    @property
    def postgres_data(self) -> Path:
        """PostgreSQL's cluster."""
        return self.var / "postgres"

    @property
    def valkey_data(self) -> Path:
        """Valkey's append-only file."""
        return self.var / "valkey"

    @property
    def secrets(self) -> Path:
        """The generated keys."""
        return self.var / "secrets.json"

    @property
    def logs(self) -> Path:
        """One log per process."""
        return self.var / "log"

    @property
    def lock(self) -> Path:
        """Locked by the process that owns the embedded PostgreSQL, for as long as it lives."""
        return self.var / "owner.lock"

    @cached_property
    def sockets(self) -> Path:
        """A private directory for the servers' sockets, the same for every process.

        A socket's path may have 107 bytes at most, and ``VAR_DIR`` may lie deeper than that or on
        a file system without sockets. So it is a directory of its own in the temporary directory,
        found through the link ``VAR_DIR/sockets``.
        """
        link = self.var / "sockets"
        self.var.mkdir(parents=True, exist_ok=True)
        for _ in range(10):
            try:
                target = link.readlink()
            except FileNotFoundError:
                target = Path(tempfile.mkdtemp(prefix="backoffice-", dir="/tmp"))
                try:
                    link.symlink_to(target)
                except FileExistsError:  # another process was faster: use its directory
                    target.rmdir()
                    continue
            if _is_private(target):
                return target
            link.unlink(missing_ok=True)  # swept by a reboot, or not ours
        raise RuntimeError(f"{link} keeps changing")

    @property
    def valkey_url(self) -> str:
        """Celery's broker, a Redis to it.

        ``EMBEDDED_BROKER`` numbers another of its databases, as parallel tests need.
        """
        number = os.environ.get("EMBEDDED_BROKER", "0")
        return f"redis+socket://{self.sockets}/valkey.sock?virtual_host={number}"

    def database(self, alias: str) -> dict[str, str]:
        """Django's address of the database, for the role behind one of its aliases.

        ``EMBEDDED_DATABASE`` names another database of the same server, as the tests need.
        """
        return {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": str(self.sockets),
            "USER": ROLES[alias],
            "NAME": os.environ.get("EMBEDDED_DATABASE", DATABASE),
        }


def _is_private(directory: Path) -> bool:
    """Whether it exists, belongs to this user and is closed to all others."""
    try:
        status = directory.lstat()
    except FileNotFoundError:
        return False
    return status.st_uid == os.geteuid() and status.st_mode & 0o170077 == 0o040000
