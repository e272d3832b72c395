"""A process of production that tests may kill."""

import os
import signal
from contextlib import suppress

from django.conf import settings

from config import processes
from config.embedded.process import Process


class Worker:
    """A Celery worker that can be killed like one and started again."""

    def __init__(self, name: str) -> None:
        self.log = settings.PATHS.logs / f"{name}.log"
        self.process: Process | None = None

    def start(self) -> None:
        self.process = processes.celery_worker(log=self.log, beat=False)
        processes.wait_for_line(" ready.", self.process)

    def kill(self) -> None:
        """SIGKILL to all of it."""
        if self.process:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.stop()
