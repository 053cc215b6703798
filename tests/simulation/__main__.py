"""Run the simulations and write the pages: ``python -m tests.simulation``.

One core is kept busy for some minutes; with ``--pages`` the pages alone are written anew.
"""

import sys

from tests.simulation.page import write_pages
from tests.simulation.results import RESULTS, read_results, results_text
from tests.simulation.running import FULL, run
from tests.simulation.scenarios import SCENARIOS

from vertebrisk import _files

if "--pages" not in sys.argv[1:]:
    _files.write_text(RESULTS, results_text(run(FULL, SCENARIOS, print)))
write_pages(read_results())
print("docs/guide/few-events.md")
