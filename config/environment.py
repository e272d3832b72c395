"""The environment, with ``.env`` filled in, and the two facts that everything else hangs on."""

import os
from pathlib import Path

import environ

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
environ.Env.read_env(os.environ.get("ENV_FILE") or BASE_DIR / ".env")

VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var"))).resolve()

# Without a database to connect to, this is the demo, which brings its own.
EMBEDDED = not env.str("DATABASE_URL", default="")
