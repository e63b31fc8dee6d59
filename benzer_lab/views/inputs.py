"""A slider and a check box with a label that screen readers find; Panel's own have none."""

import param
from panel.custom import JSComponent

from benzer_lab.views.pictures import HERE


class Slider(JSComponent):  # type: ignore[misc]
    """A number between two others, which follows while it is moved."""

    value = param.Number(default=0, doc="Where it stands.")
    label = param.String(doc="What stands over it.")
    start = param.Number(default=0, doc="The least.")
    end = param.Number(default=1, doc="The most.")
    step = param.Number(default=1, doc="What a key moves it by.")
    language = param.String(default="en", doc="How the value is written: 'en' or 'tr'.")
    percent = param.Boolean(doc="Whether the value is shown as a share of one.")
    disabled = param.Boolean(doc="Whether it cannot be moved, for it would change nothing.")

    _debounce = 0  # milliseconds; Panel waits 50 for further changes, and hits that rank again while it moves would lag
    _esm = HERE / "slider.js"
    _stylesheets = (str(HERE / "inputs.css"),)


class Check(JSComponent):  # type: ignore[misc]
    """A box that is checked or not."""

    value = param.Boolean(doc="Whether it is checked.")
    label = param.String(doc="What stands beside it.")
    disabled = param.Boolean(doc="Whether it cannot be checked, for it would change nothing.")

    _esm = HERE / "check.js"
    _stylesheets = (str(HERE / "inputs.css"),)
