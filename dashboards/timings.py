"""Engines side by side: `panel serve dashboards/timings.py dashboards/search.py`."""

from benzer_lab.server import install
from benzer_lab.views import shared_archive, timings_page

install(shared_archive)
timings_page().servable(title="Benzer Lab")
