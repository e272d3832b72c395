"""What a simulator remembers: documents by kind and key, in SQLite."""

import json
import sqlite3
import threading
from pathlib import Path
from typing import Any

Document = dict[str, Any]


class Book:
    """A document store, in memory or in a file that outlives the process.

    Callers hold `lock` across a read and the write that depends on it.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.lock = threading.RLock()
        self._db = sqlite3.connect(
            path or ":memory:", check_same_thread=False, isolation_level=None
        )
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS documents"
            " (kind TEXT, key TEXT, document TEXT, PRIMARY KEY (kind, key)) WITHOUT ROWID"
        )

    def get(self, kind: str, key: str) -> Document | None:
        """The document, or None."""
        with self.lock:
            row = self._db.execute(
                "SELECT document FROM documents WHERE kind = ? AND key = ?", (kind, key)
            ).fetchone()
        return json.loads(row[0]) if row else None

    def put(self, kind: str, key: str, document: Document) -> None:
        """Write the document, whether it was there or not."""
        with self.lock:
            self._db.execute(
                "INSERT OR REPLACE INTO documents VALUES (?, ?, ?)",
                (kind, key, json.dumps(document)),
            )

    def all(self) -> dict[str, dict[str, Document]]:
        """Every document by kind and key."""
        with self.lock:
            rows = self._db.execute("SELECT kind, key, document FROM documents").fetchall()
        found: dict[str, dict[str, Document]] = {}
        for kind, key, document in rows:
            found.setdefault(kind, {})[key] = json.loads(document)
        return found

    def clear(self) -> None:
        """Forget everything."""
        with self.lock:
            self._db.execute("DELETE FROM documents")

    def close(self) -> None:
        """Let go of the file."""
        with self.lock:
            self._db.close()
