"""The words of the atlas that depend on what is shown."""

from typing import Any

from benzer_lab.views.atlas_map import AtlasMap, Group
from benzer_lab.views.atlas_model import Summary
from benzer_lab.views.words import Words


class AtlasWords(Words):
    """The catalog in one language, and what maps and clusters are called in it."""

    def group(self, group: Group) -> str:
        """Return what a cluster is called."""
        return str(group.names.get(self.language) or self("cluster_number", n=group.label + 1))

    def value_of(self, shown: AtlasMap, name: str, value: Any) -> str:
        """Return what a value of a field is called on a map: of a cluster its name."""
        if name == "cluster" and value in shown.groups:
            return self.group(shown.groups[value])
        return self.value(value, name)

    def part(self, n: int, total: int) -> str:
        """Return how many of how many, or just how many where it is all."""
        return self.number(n) if n == total else f"{self.number(n)} / {self.number(total)}"

    def facts(self, summary: Summary) -> list[list[str]]:
        """Return what is known of designs that were picked out, a line each."""
        facts = [[self("designs_of"), self.number(summary.n_designs)]]
        if summary.alike is not None:
            facts.append([self("alike"), self.number(summary.alike, 2)])
        if summary.trustworthiness is not None:
            facts.append([self("trustworthiness"), self.number(summary.trustworthiness, 2)])
        return facts
