"""The brokers of Debian's packages, and whatever else can be killed and started again."""

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from config import processes
from config.embedded.process import Process

RABBITMQ = "/usr/lib/rabbitmq/bin/rabbitmq-server"


def kill(process: Process) -> None:
    """SIGKILL to the process and everything in its group."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.stop()


class Broker:
    """A broker's server; `options` are Celery's settings for it."""

    options: dict[str, Any]

    def start(self) -> None:
        """Start it, with what it had stored."""

    def kill(self) -> None:
        """Kill it."""

    def stop(self) -> None:
        """Kill it and whatever it needs."""
        self.kill()


class Filesystem(Broker):
    """kombu's own: directories, and no server that could be killed."""

    def __init__(self, directory: Path) -> None:
        queue = directory / "queue"
        queue.mkdir(parents=True)
        self.options = {
            "broker_url": "filesystem://",
            "broker_transport_options": {
                "data_folder_in": str(queue),
                "data_folder_out": str(queue),
                "control_folder": str(directory),
            },
        }


class Redis(Broker):
    """Debian's redis-server with its append-only file."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True)
        self._directory = directory
        self._port = processes.free_port()
        self.options = {
            "broker_url": f"redis://127.0.0.1:{self._port}/0",
            "broker_transport_options": dict(settings.CELERY_BROKER_TRANSPORT_OPTIONS),
        }

    def start(self) -> None:
        self._process = Process(
            name="Redis",
            command=[
                *("redis-server", "--port", str(self._port), "--bind", "127.0.0.1"),
                *("--dir", self._directory, "--appendonly", "yes", "--save", ""),
            ],
            log=self._directory / "log",
        )
        processes.wait_for_port(self._port, self._process)

    def kill(self) -> None:
        kill(self._process)


class RabbitMQ(Broker):
    """Debian's rabbitmq-server with quorum queues."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True)
        self._directory = directory
        self._port, names = processes.free_port(), processes.free_port()
        self.options = {
            "broker_url": f"amqp://guest:guest@127.0.0.1:{self._port}//",
            "broker_transport_options": {"confirm_publish": True},
            "task_default_queue_type": "quorum",
        }
        self._environment = {
            "HOME": str(directory),
            "ERL_EPMD_PORT": str(names),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": "tests@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self._port),
            "RABBITMQ_DIST_PORT": str(processes.free_port()),
            "RABBITMQ_MNESIA_BASE": str(directory / "data"),
            "RABBITMQ_LOG_BASE": str(directory / "log"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(directory / "plugins"),
            "RABBITMQ_PID_FILE": str(directory / "pid"),
            "RABBITMQ_CONF_ENV_FILE": os.devnull,
        }
        # Erlang would start its name server by itself, and leave it behind.
        self._names = Process(
            name="epmd",
            command=["epmd", "-port", str(names), "-address", "127.0.0.1"],
            log=directory / "epmd.log",
        )
        processes.wait_for_port(names, self._names)

    def start(self) -> None:
        self._process = Process(
            name="RabbitMQ",
            command=[RABBITMQ],
            log=self._directory / "server.log",
            environment=self._environment,
        )
        processes.wait_for_line("completed with", self._process)

    def kill(self) -> None:
        kill(self._process)

    def stop(self) -> None:
        self.kill()
        kill(self._names)


KINDS: dict[str, Callable[[Path], Broker]] = {
    "filesystem": Filesystem,
    "redis": Redis,
    "rabbitmq": RabbitMQ,
}


def need(program: str) -> None:
    """Say which package is missing."""
    if shutil.which(program) is None:
        pytest.fail(f"{program} is missing: run make test-brokers as root")


def python(name: str, *arguments: str, broker: Broker, log: Path) -> Process:
    """A process of the product on the broker under test."""
    return Process(
        name=name,
        command=[sys.executable, *arguments],
        directory=settings.BASE_DIR,
        log=log,
        environment={
            "BROKER": json.dumps(broker.options),
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "PYTHONUNBUFFERED": "1",
            "PYTHONPATH": str(settings.BASE_DIR),
        },
    )
