"""Check the Chinese catalogues: every marked text is in one, and nothing else is; none is doubtful.

Reads the sources itself, so that no gettext tools are needed on the machine.
"""

import ast
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import django
import polib
import unfold
from django.contrib import admin, auth
from django.utils.translation.template import templatize
from django.utils.translation.trans_real import DjangoTranslation, translation

from config.environment import BASE_DIR

_SOURCES = ("config", "wallet", "providers", "callbacks", "templates")
# Whose pages staff see; what their own catalogues lack stands in ours.
_PACKAGES = (unfold, auth, admin)
_FUNCTIONS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "gettext_noop"}
_FUNCTIONS_WITH_CONTEXT = {"pgettext", "pgettext_lazy", "npgettext", "npgettext_lazy"}

Text = tuple[Path, str | None, str]  # where it stands, its context, and it

_STRING = r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*\""""
_TEMPLATE_CALL = re.compile(rf"\b(_|n?p?gettext)\(((?:{_STRING}|[^()'\"])*)\)")


def main() -> int:
    """Print every fault; 1 when there is any."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    texts = list(_marked_texts())
    faults = [*_doubtful_entries(), *_double_meanings(), *_missing(texts), *_unused(texts)]
    print(*faults, f"{len(faults)} faults in the translations", sep="\n")
    return 1 if faults else 0


def _doubtful_entries() -> Iterator[str]:
    for path in sorted(BASE_DIR.glob("*/locale/*/LC_MESSAGES/django.po")):
        place = path.relative_to(BASE_DIR)
        catalogue = polib.pofile(str(path))
        for entry in catalogue:
            if entry.obsolete or entry.fuzzy or not entry.translated():
                yield f"{place}:{entry.linenum} {entry.msgid!r} is obsolete, fuzzy or untranslated"
        compiled = path.with_suffix(".mo")
        if not compiled.exists():
            yield f"{place} is not compiled"
        elif _entries(polib.mofile(str(compiled))) != _entries(catalogue):
            yield f"{place} differs from its compiled form"


def _double_meanings() -> Iterator[str]:
    """One text that two catalogues translate differently: Django would take either for both."""
    found: dict[tuple[str | None, str], tuple[object, Path]] = {}
    for path in sorted(BASE_DIR.glob("*/locale/zh_Hans/LC_MESSAGES/django.po")):
        place = path.relative_to(BASE_DIR)
        for key, meaning in _entries(polib.pofile(str(path))).items():
            first, where = found.setdefault(key, (meaning, place))
            if first != meaning:
                yield f"{place} {key[1]!r} means {meaning!r}, in {where} {first!r}"


def _entries(catalogue: polib.POFile | polib.MOFile) -> dict[tuple[str | None, str], object]:
    return {
        (entry.msgctxt, entry.msgid): entry.msgstr_plural or entry.msgstr
        for entry in catalogue
        if not entry.obsolete
    }


def _missing(texts: list[Text]) -> Iterator[str]:
    """Texts that neither our catalogues nor Django's or Unfold's contain."""
    known = translation("zh-hans")
    for place, context, text in texts:
        if text.strip() and not _is_known(known, context, text):
            yield f"{place} {text!r} is in no catalogue"


def _unused(texts: list[Text]) -> Iterator[str]:
    """Entries that no source asks for."""
    asked_for = {(context, text) for _place, context, text in texts}
    for path in sorted(BASE_DIR.glob("*/locale/*/LC_MESSAGES/django.po")):
        for key in _entries(polib.pofile(str(path))).keys() - asked_for:
            yield f"{path.relative_to(BASE_DIR)} {key[1]!r} is asked for nowhere"


def _marked_texts() -> Iterator[Text]:
    folders = [BASE_DIR / folder for folder in _SOURCES]
    folders += [Path(package.__path__[0]) for package in _PACKAGES]
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            for context, text in _marked(path):
                yield path.relative_to(folder.parent), context, text


def _is_known(known: DjangoTranslation, context: str | None, text: str) -> bool:
    key = text if context is None else f"{context}\x04{text}"
    # There is no public way to ask what it contains.
    catalogue = known._catalog  # type: ignore[attr-defined]  # noqa: SLF001
    return key in catalogue or (key, 0) in catalogue


def _marked(path: Path) -> Iterator[tuple[str | None, str]]:
    """The context and text of every call that asks for a translation."""
    if path.suffix == ".py" and path.parent.name != "migrations":
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                yield from _text_of_call(name, [getattr(arg, "value", None) for arg in node.args])
    elif path.suffix in {".html", ".txt"}:
        for call in _TEMPLATE_CALL.finditer(templatize(path.read_text())):
            texts = re.findall(_STRING, call[2])
            yield from _text_of_call(call[1], [ast.literal_eval(text) for text in texts])


def _text_of_call(name: str, arguments: list[object]) -> Iterator[tuple[str | None, str]]:
    match arguments:
        case [str(text), *_] if name in _FUNCTIONS:
            yield None, text
        case [str(context), str(text), *_] if name in _FUNCTIONS_WITH_CONTEXT:
            yield context, text


if __name__ == "__main__":
    sys.exit(main())
