"""The proof: recompute everything that the ledger promises, in SQL, and list what differs.

All checks see one snapshot, so that movements posted meanwhile do not count as differences.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from time import perf_counter
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from wallet import totals
from wallet.guards import GUARDED, GUARDS
from wallet.models import Verification
from wallet.proofs import CHECKS, COUNTS, ENTRIES, KINDS

FIRST = 10
TOTALS = _("The hourly totals: what the entries add up to")
GUARDING = _("The database's guards")
SEALS = _("Every seal: the entries are those that were sealed")


@dataclass(slots=True)
class Finding:
    """One check: how many differences, the first of them, how long it took (ms)."""

    check: str
    differences: int = 0
    first: list[str] = field(default_factory=list)
    milliseconds: int = 0


Progress = Callable[[int, int, str], None]


def verify(
    *,
    channel_id: int | None = None,
    since: datetime | None = None,
    progress: Progress = lambda done, total, what: None,
) -> Verification:
    """Check the ledger, or the wallets of one channel, or those that moved since a moment.

    Seals and hourly totals cover everything and are checked when nothing is left out. The run is
    recorded.
    """
    started = timezone.now()
    findings: list[Finding] = []
    with _snapshot() as cursor:
        whole = channel_id is None and since is None
        checks = {**CHECKS, TOTALS: totals.PROOF} if whole else CHECKS
        seals = _seals(cursor) if whole else {}
        total = len(checks) + 1 + len(seals)
        scopes = _scopes(channel_id, since)
        progress(0, total, "Adding up the entries")
        began = perf_counter()
        cursor.execute(KINDS.format(**scopes.conditions), scopes.params)
        (scopes.params["kinds"],) = cursor.fetchone()
        adding_up = perf_counter() - began
        counts = _counts(cursor, scopes, seals)
        for check, sql in checks.items():
            progress(len(findings), total, check)
            findings.append(_run(cursor, check, sql.format(**scopes.conditions), scopes.params))
            if check == ENTRIES:
                findings[-1].milliseconds += round(adding_up * 1000)
        progress(len(checks), total, GUARDING)
        tables, names = zip(*GUARDED, strict=True)
        findings.append(_run(cursor, GUARDING, GUARDS, [list(tables), list(names)]))
        if seals:
            findings.append(
                _check_seals(cursor, seals, lambda n: progress(len(checks) + 1 + n, total, "Seals"))
            )
    return Verification.objects.create(
        started_at=started,
        finished_at=timezone.now(),
        channel_number=channel_id,
        since=since,
        passed=not any(finding.differences for finding in findings),
        report={"counts": counts, "checks": [asdict(finding) for finding in findings]},
    )


@dataclass(frozen=True, slots=True)
class _Scopes:
    conditions: dict[str, str]
    params: dict[str, Any]


def _scopes(channel_id: int | None, since: datetime | None) -> _Scopes:
    def condition(wallet: str, channel: str) -> str:
        parts = ["true"]
        if channel_id is not None:
            parts.append(f"{channel} = %(channel)s")
        if since is not None:
            parts.append(
                wallet + " IN (SELECT wallet_id FROM wallet_ledgerentry"  # noqa: S608  no input
                " WHERE posted_at >= %(since)s)"
            )
        return " AND ".join(parts)

    return _Scopes(
        conditions={
            "scope": condition("e.wallet_id", "e.channel_id"),
            "wallet_scope": condition("wallet_id", "channel_id"),
            "adjustment_scope": condition("a.wallet_id", "a.channel_id"),
        },
        params={"channel": channel_id, "since": since},
    )


@contextmanager
def _snapshot() -> Iterator[CursorWrapper]:
    if connection.in_atomic_block:  # the caller has chosen what to see
        with connection.cursor() as cursor:
            yield cursor
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SET LOCAL work_mem = '128MB'")
        # Else a whole table is hashed where a few entries could be looked up.
        cursor.execute("SET LOCAL random_page_cost = 1.1")
        yield cursor


def _counts(cursor: CursorWrapper, scopes: _Scopes, seals: dict[int, int]) -> dict[str, int]:
    """How much was looked at, by name. The seals cover everything or are left out."""
    cursor.execute(COUNTS.format(**scopes.conditions), scopes.params)
    counts = dict(zip(("wallets", "entries", "holds"), map(int, cursor.fetchone()), strict=True))
    if seals:
        counts |= {"seals": len(seals), "sealed_entries": sum(seals.values())}
    return counts


def _seals(cursor: CursorWrapper) -> dict[int, int]:
    """How many entries each seal covers, by its number."""
    cursor.execute("SELECT id, entries FROM wallet_seal ORDER BY id")
    return dict(cursor.fetchall())


def _run(cursor: CursorWrapper, check: str, sql: str, params: Any) -> Finding:
    began = perf_counter()
    cursor.execute(
        f"SELECT count(*) OVER (), d.* FROM ({sql}) d LIMIT {FIRST}",  # noqa: S608  our own checks
        params,
    )
    rows = cursor.fetchall()
    return Finding(
        check=check,
        differences=rows[0][0] if rows else 0,
        first=[row[1] for row in rows],
        milliseconds=round((perf_counter() - began) * 1000),
    )


def _check_seals(
    cursor: CursorWrapper, numbers: Iterable[int], progress: Callable[[int], None]
) -> Finding:
    finding = Finding(check=SEALS)
    began = perf_counter()
    for done, number in enumerate(numbers):
        progress(done)
        cursor.execute("SELECT ledger_seal_holds(%s)", [number])
        row = cursor.fetchone()
        if not row or row[0] is not True:
            finding.differences += 1
            if len(finding.first) < FIRST:
                finding.first.append(f"seal {number} does not match its entries")
    finding.milliseconds = round((perf_counter() - began) * 1000)
    return finding
