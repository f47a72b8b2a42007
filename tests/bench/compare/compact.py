# SPDX-License-Identifier: Apache-2.0
"""results.json: a line for each peer in each piece of work, and few digits."""

import json

DIGITS = 8  # more than the page shows
LINES_TO_DEPTH = 3  # below that a value stands in one line


def _rounded(value):
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}")
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_rounded(inner) for inner in value]
    return value


def _lines(value, depth):
    if depth == LINES_TO_DEPTH or not isinstance(value, (dict, list)) or not value:
        return json.dumps(value, sort_keys=True)
    inner, pad = "\n" + " " * (depth + 1), "\n" + " " * depth
    if isinstance(value, list):
        return "[" + ",".join(inner + _lines(item, depth + 1) for item in value) + pad + "]"
    return "{" + ",".join(f"{inner}{json.dumps(key)}: {_lines(item, depth + 1)}"
                          for key, item in sorted(value.items())) + pad + "}"


def text(results):
    return _lines(_rounded(results), 0) + "\n"
