"""What was measured, as a table."""

import param
from panel.custom import JSComponent

from benzer_lab.views.pictures import HERE, script


class Figures(JSComponent):  # type: ignore[misc]
    """A table of engines, those apart that cannot be compared."""

    label = param.String(doc="What it holds, for screen readers.")
    table = param.Dict(
        default={"columns": [], "rows": [], "apart": [], "apart_label": ""},
        doc="Columns: what each says, whether it holds numbers. Rows: cells (the first: name and note), a note, whether it is the best.",
    )

    _esm = script("figures.js")
    _stylesheets = (str(HERE / "pictures.css"), str(HERE / "figures.css"))
