"""Create .venv and install pinned requirements into it; needs nothing but Python and its pip.

Run by path with the machine's own Python, before anything is installed.
"""

import shutil
import subprocess
import sys
from pathlib import Path

VENV = Path(".venv")
PYTHON = VENV / "bin" / "python"
NEEDED_MB = 600


def main(requirements: str) -> str | None:
    """Install one requirements file and leave a stamp for make; or return what went wrong."""
    free = shutil.disk_usage(".").free // 1_000_000
    if free < NEEDED_MB:
        return f"The disk has {free} MB left; {NEEDED_MB} MB are needed to install."
    if not has_pip():
        print(f"Creating {VENV}", flush=True)
        made = subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=False)
        if made.returncode != 0:
            return f"Python cannot create {VENV}: on Debian and Ubuntu, install python3-venv."
    print(f"Installing {requirements}", flush=True)
    pip = f"{PYTHON} -m pip install --disable-pip-version-check --no-input -r".split()
    if subprocess.run([*pip, requirements], check=False).returncode != 0:
        return "The requirements cannot be installed; pip's reason is above."
    (VENV / f"{requirements.replace('/', '-')}.installed").touch()
    return None


def has_pip() -> bool:
    """Whether .venv is there and works; one whose Python was removed does not."""
    try:
        done = subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True, check=False)
    except OSError:
        return False
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
