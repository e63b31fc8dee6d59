"""The atlas, the map of an archive: `panel serve dashboards/atlas.py dashboards/search.py`."""

from benzer_lab.server import install
from benzer_lab.views import atlas_page, shared_archive

install(shared_archive)
atlas_page().servable(title="Benzer Lab")
