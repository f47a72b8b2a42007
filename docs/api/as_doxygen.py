# SPDX-License-Identifier: Apache-2.0
"""Writes a public header for Doxygen: its comments become Doxygen's. The headers are for people, and have no marks in their comments.

A comment belongs to what comes after it; one at the end of a line belongs to that line; one behind `enum {` to the enumeration. Lines
of the form "  name   what it is" become a list.
"""

from __future__ import annotations

import re
import sys

SPECIAL = re.compile(r"([\\@<>#$%&|])")
ITEM = re.compile(r"^ {2,}(\S+(?:[ ,]+\S+)*?) {2,}(\S.*)$")


def escaped(text: str) -> str:
    """What Doxygen must not take for its own, but in `code`."""
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(part if part.startswith("`") else SPECIAL.sub(r"\\\1", part) for part in parts)


def body(lines: list[str]) -> list[str]:
    """The text of a comment, with its lists."""
    out: list[str] = []
    in_list = False
    for line in lines:
        item = ITEM.match(line)
        if item:
            if not in_list:
                out.append("")
            out.append(f"- **{escaped(item[1])}**: {escaped(item[2])}")
            in_list = True
        elif in_list and line.startswith("   "):
            out.append("  " + escaped(line.strip()))
        else:
            if in_list:
                out.append("")
            in_list = False
            out.append(escaped(line.strip()))
    return out


def comment(text: str, mark: str = "/**") -> str:
    lines = [re.sub(r"^\s*\* ?", "", line) for line in text.split("\n")]
    return mark + "\n" + "\n".join(" * " + line for line in body(lines)) + "\n */"


def written(source: str) -> str:
    source = re.sub(r"^/\* SPDX.*\n", "", source)
    # The first comment is that of the file.
    source = re.sub(r"^/\*", "/* \x01", source, count=1)

    def replaced(match: re.Match[str]) -> str:
        before, text = match[1], match[2].strip()
        if text.startswith("----") or not text:
            return match[0]
        if text.startswith("\x01"):
            return "/**\n * \\file\n" + comment(text[1:].strip()).removeprefix("/**\n")
        if re.match(r"\s*(typedef )?enum( \w+)?( : \S+)?\s*\{\s*$", before):
            return comment(text) + "\n" + before
        if before.strip() in ("", "{"):
            return before + comment(text)
        return before + comment(text, "/**<")

    # Comments do not lie in strings in these headers.
    return re.sub(r"^([^\n]*?)/\*(.*?)\*/", replaced, source, flags=re.DOTALL | re.MULTILINE)


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        sys.stdout.write(written(file.read()))
