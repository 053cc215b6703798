"""Settings of the documentation site: Sphinx, MyST and a theme that uses no network."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))

from vertebrisk._version import __version__  # noqa: E402

project = "vertebrisk"
author = "The vertebrisk authors"
copyright = author
version = release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
# Types in docstrings are words; one that several classes have ("frame") is no cross-reference.
suppress_warnings = ["myst.strikethrough", "ref.python"]

autodoc_typehints = "signature"
autodoc_member_order = "bysource"
napoleon_google_docstring = False
napoleon_numpy_docstring = True
napoleon_use_rtype = False

html_theme = "furo"
html_title = f"vertebrisk {version}"
html_show_sphinx = False
html_copy_source = False
html_permalinks_icon = "#"
