"""The servers of a benchmark, in a directory that goes with them."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def own_servers(
    name: str, *, kept: str | None = None, durable: bool = True, broker: bool = False
) -> Iterator[Path]:
    """A PostgreSQL, and a broker where one is asked for, with Django set up for them.

    ``kept`` names a directory that stays for the next run. Call it before anything reads settings.
    """
    directory = Path(kept or tempfile.mkdtemp(prefix=f"bench-{name}-"))
    os.environ |= {
        "VAR_DIR": str(directory),
        "ENV_FILE": os.devnull,
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    for variable in ("DATABASE_URL", "DATABASE_OWNER_URL", "CELERY_BROKER_URL"):
        os.environ.pop(variable, None)
    import django
    from django.conf import settings

    from config.embedded import postgres, valkey
    from config.embedded.process import Lock

    ownership = Lock(settings.PATHS.lock)
    ownership.acquire()
    servers = [postgres.start(settings.PATHS, durable=durable)]
    try:
        if broker:
            servers.append(valkey.start(settings.PATHS))
        django.setup()
        yield directory
    finally:
        for server in servers:
            server.stop()
        shutil.rmtree(settings.PATHS.sockets)
        if not kept:
            shutil.rmtree(directory)
