"""One provisioning run: what its sections share, and the transaction around them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from django.db import IntegrityError, models, transaction

from wallet.db import fetch_row
from wallet.models import Agent, Channel, SubChannel
from wallet.provisioning.document import Item, Problems, Unreadable, read_document


class ProvisioningFailed(Exception):
    """Nothing was changed; ``problems`` says why, each with its place in the file."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass
class Report:
    """What a run did."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)

    def count(self, section: str, *, created: bool, changed: bool) -> None:
        """One object of a section was created, updated or kept as it was."""
        self.counts[section, "created" if created else "updated" if changed else "kept"] += 1

    def note(self, text: str) -> None:
        """Something that the operator should read."""
        self.notes.append(text)

    def lines(self) -> list[str]:
        """A line for each section, then the notes."""
        sections = dict.fromkeys(section for section, _ in self.counts)
        return [
            f"{section}: "
            + ", ".join(
                f"{self.counts[section, outcome]} {outcome}"
                for outcome in ("created", "updated", "kept")
            )
            for section in sections
        ] + self.notes


@dataclass
class Run:
    """What the sections share: where files lie, what is wrong, and which numbers exist.

    ``currencies`` (by channel), ``sub_channels`` and ``agents`` hold what is in the database and
    what the file is about to add.
    """

    directory: Path
    problems: Problems = field(default_factory=Problems)
    report: Report = field(default_factory=Report)
    currencies: dict[int, str] = field(default_factory=dict)
    sub_channels: set[tuple[int, int]] = field(default_factory=set)
    agents: set[tuple[int, str]] = field(default_factory=set)
    _seen: dict[tuple[object, ...], str] = field(default_factory=dict)

    @classmethod
    def begin(cls, directory: Path) -> Run:
        """A run that knows what the database holds."""
        return cls(
            directory=directory,
            currencies=dict(Channel.objects.values_list("pk", "currency")),
            sub_channels=set(SubChannel.objects.values_list("channel_id", "number")),
            agents=set(Agent.objects.values_list("channel_id", "agent_id")),
        )

    def once(self, place: str, *identity: object) -> None:
        """Report that something is described twice in the file."""
        first = self._seen.setdefault(identity, place)
        if first != place:
            self.problems.add(place, f"is described already at {first}")


class Section(ABC):
    """One list of the document. Items are read, then all are checked, then all are applied."""

    name: ClassVar[str]

    def __init__(self, run: Run) -> None:
        self.run = run

    @abstractmethod
    def read(self, item: Item) -> None:
        """Keep what the item says; report its own mistakes."""

    @abstractmethod
    def check(self) -> None:
        """Report what contradicts the database or the rest of the file."""

    @abstractmethod
    def apply(self) -> None:
        """Write. Only called when nothing at all was reported."""


def provision(path: Path, section_types: Sequence[type[Section]]) -> Report:
    """Create or update what the file describes, in one transaction. Raises ProvisioningFailed.

    Sections are applied in the order given.
    """
    try:
        with transaction.atomic():
            # One run at a time: what was checked is then what is written.
            fetch_row("SELECT pg_advisory_xact_lock(hashtext('provisioning'))", [])
            return _provision(path, section_types)
    except Unreadable as error:
        raise ProvisioningFailed([str(error)]) from error
    except IntegrityError as error:
        raise ProvisioningFailed(
            [f"Something else changed the same rows meanwhile, run it again: {error}"]
        ) from error


def _provision(path: Path, section_types: Sequence[type[Section]]) -> Report:
    run = Run.begin(path.resolve().parent)
    document = read_document(path, run.problems)
    sections = [section_type(run) for section_type in section_types]
    for section in sections:
        for item in document.items(section.name):
            section.read(item)
            item.close()
    document.close()
    for section in sections:
        section.check()
    if run.problems.found:
        raise ProvisioningFailed(run.problems.found)
    for section in sections:
        section.apply()
    return run.report


def update(row: models.Model, values: dict[str, Any]) -> list[str]:
    """Write the values that differ from the row's; the names of those fields."""
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    if changed:
        row.save(update_fields=changed)
    return changed
