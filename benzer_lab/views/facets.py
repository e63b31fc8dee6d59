"""Filters that show how many images each value has."""

from pathlib import Path

import param
from panel.custom import JSComponent

HERE = Path(__file__).parent


class Facets(JSComponent):  # type: ignore[misc]
    """A menu of check boxes for each field."""

    fields = param.List(doc="One dict a field: name, label and values, each of these [value, images found with it, images].")
    names = param.Dict(default={}, doc="What values are called, by field; one that is not there is called as it is.")
    value = param.Dict(default={}, doc="The chosen values of each field; a field without any is left out.")
    clear = param.String(doc="What the button that empties all filters says.")
    language = param.String(doc="How numbers are written: 'en' or 'tr'.")

    _esm = HERE / "facets.js"
    _stylesheets = (str(HERE / "facets.css"),)
