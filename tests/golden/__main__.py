"""Refresh the golden run: ``python -m tests.golden``. Read the difference before committing it."""

from tests.golden.run import GOLDEN, golden_document

from vertebrisk import _files

_files.write_json(GOLDEN, golden_document())
print(f"wrote {GOLDEN.name}")
