# SPDX-License-Identifier: Apache-2.0
"""How Sphinx makes the pages of the interface, and of the manual. ci/docs calls it."""

import os
import re
from pathlib import Path

top = Path(__file__).resolve().parents[2]
project = "slotring"
author = "The slotring authors"
project_copyright = author
found = re.search(r'SLOTRING_VERSION_STRING "([0-9.]+)"', (top / "include/slotring/version.h").read_text())
assert found
version = release = found[1]

extensions = ["breathe", "myst_parser", "sphinx.ext.autodoc"]
root_doc = "api/index"
include_patterns = ["api/*.md", "manual.md", "glossary.md"]
myst_heading_anchors = 4
# Links to files that are no pages, such as examples, lead nowhere here; ci/lists checks that the files exist.
# And what an example leaves out, as …, is not C.
suppress_warnings = ["myst.xref_missing", "misc.highlighting_failure"]

breathe_projects = {"slotring": os.environ["SLOTRING_DOXYGEN_XML"]}
breathe_default_project = "slotring"
breathe_domain_by_extension = {"h": "c", "hpp": "cpp"}
breathe_default_members = ("members", "undoc-members")

autodoc_member_order = "groupwise"
autodoc_default_options = {"show-inheritance": True}

html_theme = "furo"
html_title = f"slotring {version}"
html_copy_source = False
