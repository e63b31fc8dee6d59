"""The search page: `panel serve dashboards/search.py`."""

from benzer_lab.server import install
from benzer_lab.views import search_page, shared_archive

install(shared_archive)
search_page().servable(title="Benzer Lab")
