"""The page for whoever adds a provider is true: its files, its sizes, its faults."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from providers.simulators.faults import KINDS

FOLDER = Path(settings.BASE_DIR) / "providers"
PAGE = (FOLDER / "ADDING_A_PROVIDER.md").read_text()


def lines(path: Path) -> int:
    return len(path.read_text().splitlines())


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`([\w<>/]+\.py)`", PAGE))))
def test_every_file_that_it_names_is_there(name: str) -> None:
    place = FOLDER / name.replace("<name>", "beiying")
    tests = Path(settings.BASE_DIR) / "tests" / "providers"
    assert place.exists() or (tests / place.name).exists()


def test_the_second_provider_is_as_large_as_it_says() -> None:
    folder = sum(map(lines, (FOLDER / "beiying").glob("*.py")))
    assert "some\n300 lines with its table of codes, and its simulator 200" in PAGE
    assert round(folder, -2) == 300
    assert round(lines(FOLDER / "simulators" / "beiying.py"), -2) == 200


def test_every_fault_is_told() -> None:
    table = PAGE[PAGE.index("| kind |") :]
    assert set(re.findall(r"`(\w+)`", table)) - {"value"} == set(KINDS)
