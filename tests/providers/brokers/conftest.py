"""Killing processes over real brokers takes minutes: only `make test-brokers` does it."""

import os

collect_ignore_glob = [] if os.environ.get("BROKERS") else ["test_*"]
