# SPDX-License-Identifier: Apache-2.0
"""undocumented.py XML-OF-DOXYGEN: names each public name of C, C++ and Python that has no text, and fails if there is one.

C: each function, macro, type, enumeration and field has a text, or stands in one paragraph with one before it that has. C++: the text
of a class or function is its own, or that of its file; members are as the calls of C.
Python: each name of slotring.__all__ and of the compatible module, and each public member of these classes.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import as_doxygen
import slotring
from slotring.compat import shared_ring_buffer

Element = ElementTree.Element
# What makes the lists of errors and keeps a header from being read twice, and the namespace around a header for C++.
PRIVATE = re.compile(r"^SLOTRING_(ERROR_ENUM|CPP_BEGIN|CPP_END|.*_H|.*_HPP)$|^reserved|^struct_size$")
seen = 0


def has_text(element: Element) -> bool:
    return any("".join(part.itertext()).strip() for part in map(element.find, ("briefdescription", "detaileddescription")) if part is not None)


def place(element: Element) -> tuple[str, int]:
    location = element.find("location")
    assert location is not None
    return location.get("file", "").split("include/")[-1], int(location.get("line", "0"))


def paragraph(file: str, line: int) -> int:
    """The line in which the paragraph of a line begins: what lies between empty lines. Doxygen counts the lines that it read."""
    lines = as_doxygen.written((Path("include") / file).read_text(encoding="utf-8")).split("\n")
    while line > 1 and lines[line - 2].strip():
        line -= 1
    return line


def members_without_text(compound: Element, files: set[str]) -> Iterator[str]:
    """Of a file, a namespace of C++, or a struct of C."""
    global seen
    members = sorted(compound.findall("sectiondef/memberdef"), key=place)
    paragraphs = set()
    for member in members:
        name = member.findtext("name", "")
        values = member.findall("enumvalue")
        seen += 1 + len(values)
        file, line = place(member)
        here = (file, paragraph(file, line))
        if has_text(member) or (values and all(map(has_text, values))):
            paragraphs.add(here)
        elif here not in paragraphs and not PRIVATE.search(name) and not (file in files and file.endswith(".hpp")):
            yield name if values == [] else f"the enumeration with {values[0].findtext('name')}"


def of_doxygen(folder: Path) -> Iterator[str]:
    global seen
    index = ElementTree.parse(folder / "index.xml").getroot()
    files: set[str] = set()  # that have a text
    for entry in sorted(index.findall("compound"), key=lambda entry: entry.get("kind") != "file"):
        name, kind = entry.findtext("name", ""), entry.get("kind")
        if kind not in ("file", "struct", "union", "class", "namespace") or name.startswith("std") or "detail" in name:
            continue
        compound = ElementTree.parse(folder / f"{entry.get('refid')}.xml").getroot().find("compounddef")
        assert compound is not None
        is_c = place(compound)[0].endswith(".h")
        if kind == "file" and has_text(compound):
            files.add(place(compound)[0])
        if kind in ("struct", "union", "class"):
            seen += 1
            if not has_text(compound) and (is_c or place(compound)[0] not in files):
                yield name
        if kind in ("file", "namespace") or is_c:
            yield from (f"{name}: {member}" for member in members_without_text(compound, files))


def of_module(module: ModuleType, names: list[str]) -> Iterator[str]:
    global seen
    for name in names:
        thing = getattr(module, name)
        seen += 1
        if name.startswith("__"):
            continue
        if not (inspect.isclass(thing) or callable(thing)):
            continue
        if not (thing.__doc__ or "").strip() or (dataclasses.is_dataclass(thing) and (thing.__doc__ or "").startswith(f"{name}(")):
            yield f"{module.__name__}.{name}"
        if inspect.isclass(thing) and thing.__module__.startswith("slotring"):
            for member, value in vars(thing).items():
                documented = callable(value) or isinstance(value, (property, staticmethod, classmethod)) or inspect.isgetsetdescriptor(value)
                if member.startswith("_") or not documented:
                    continue
                seen += 1
                if not (getattr(value, "__doc__", None) or "").strip():
                    yield f"{module.__name__}.{name}.{member}"


def main() -> int:
    missing = sorted(set(of_doxygen(Path(sys.argv[1]))))
    missing += of_module(slotring, slotring.__all__)
    missing += of_module(shared_ring_buffer, [name for name in vars(shared_ring_buffer) if not name.startswith("_")])
    for name in missing:
        print(f"ci/docs: {name} has no text", file=sys.stderr)
    if seen < 600:
        print(f"ci/docs: only {seen} public names found; this script no longer understands them", file=sys.stderr)
        return 1
    print(f"{seen} public names, {len(missing)} without a text")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
