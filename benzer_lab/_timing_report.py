"""Timings as a page of text, in Markdown or HTML: what may be compared, what may not and why, and how it was measured."""

from collections.abc import Iterator, Sequence
from xml.etree import ElementTree

from benzer_lab._fairness import Comparison, Measured
from benzer_lab._timing_words import Words

EXACT = 4  # digits of a quality


def title(comparison: Comparison, words: Words, *only: int) -> str:
    """Return what was compared; of all sizes, or of some."""
    sizes = " / ".join(words.number(n) for n in dict.fromkeys(only or (row.n for row in comparison.rows)))
    values = {name: value for name, value in comparison.asked.items() if isinstance(value, int | str)}
    share = words.share(comparison.asked.get("share", 1.0))
    return words(f"title_{comparison.question}", **values | {"n": sizes, "share": share})


def letters(comparison: Comparison) -> dict[str, str]:
    """Return a letter for each machine, for where its name is too long."""
    return {name: chr(ord("A") + i) for i, name in enumerate(comparison.machines)}


def how(comparison: Comparison, words: Words) -> list[str]:
    """Return how it was measured, a sentence each."""
    asked = comparison.asked
    source = str(asked.get("source", "generated"))
    return [
        words("how_rounds", rounds=asked["rounds"], each=asked["each"]),
        words("how_threads", threads=asked["threads"]),
        words("how_quality", quality=comparison.quality),
        *([words("how_effort")] if comparison.quality == "recall" else []),
        words("how_ratio"),
        words("how_memory"),
        words("how_data_generated") if source == "generated" else words("how_data_archive", source=source),
        *([words("busy")] if any(machine["busy"] for machine in comparison.machines.values()) else []),
    ]


def figures(comparison: Comparison, words: Words) -> list[list[str]]:
    """Return the table of what may be compared, its head first; empty where there is nothing."""
    rows = sorted((row for row in comparison.rows if row.comparable), key=lambda row: (row.machine, row.n, row.ms(50)))
    if not rows:
        return []
    head = ["engine", "device", "n", "median", "cpu", "build", "memory", "threads", comparison.quality]
    several = len(comparison.machines) > 1
    lines = [[*map(words, head), words("faster", baseline=comparison.baseline), words("setting"), *([words("machine")] if several else [])]]
    for row in rows:
        number = words.number
        median = f"{number(row.ms(50))} ({number(row.ms(5))} - {number(row.ms(95))})"
        numbers = [number(row.cpu_ms), number(row.build_s), number(row.memory_mb), number(row.threads), number(row.quality, EXACT)]
        line = [row.engine, row.device, number(row.n), median, *numbers, number(row.faster), row.setting]
        lines.append([*line, *([row.machine] if several else [])])
    return lines


def apart(comparison: Comparison, words: Words) -> list[list[str]]:
    """Return the table of what may not be compared, its head first; empty where all may."""
    rows = [row for row in comparison.rows if not row.comparable]
    if not rows:
        return []
    head = [words("engine"), words("n"), words("milliseconds"), words(comparison.quality), words("why")]
    return [head, *(_apart(row, words) for row in rows)]


def _apart(row: Measured, words: Words) -> list[str]:
    """Return a line of what may not be compared."""
    return [row.engine, words.number(row.n), words.number(row.ms(50)), words.number(row.quality, EXACT), row.why_in(words.language)]


def machine_facts(machine: dict[str, object], words: Words) -> list[list[str]]:
    """Return what a machine was like, a line each."""
    versions, blas, gpus = (machine.get(name) or {} for name in ("versions", "blas", "gpus"))
    load = [*list(machine.get("load_before") or [])[:1], *list(machine.get("load_after") or [])[:1]]  # type: ignore[call-overload]
    others = machine.get("others")
    pairs = {
        "processor": str(machine["processor"]),
        "cores": str(machine["cores"]),
        "system": f"{machine['system']}, Python {machine['python']}",
        "versions": ", ".join(f"{name} {one}" for name, one in versions.items()),  # type: ignore[attr-defined]
        "blas": ", ".join(f"{name}: {one}" for name, one in blas.items()),  # type: ignore[attr-defined]
        "threads": str(machine["threads"]),
        "gpus": ", ".join(gpus) or words("none"),  # type: ignore[arg-type]
        "load": ", ".join(words.number(float(one)) for one in load) or words("unknown"),
        "others": words.number(float(others)) if isinstance(others, float | int) else words("unknown"),
        "when": str(machine["when"]),
    }
    return [[words(name), value] for name, value in pairs.items()]


def markdown(comparison: Comparison, words: Words) -> str:
    """Return the report in Markdown."""
    return "\n".join(_markdown(comparison, words)) + "\n"


def _markdown(comparison: Comparison, words: Words) -> Iterator[str]:
    """Give its lines."""
    yield f"# {_plain(title(comparison, words))}\n"
    table = figures(comparison, words)
    yield from _piped(table) if table else [words("no_comparable")]
    for row in comparison.rows:
        if row.notes:
            yield f"\n{_plain(row.engine)}: {_plain(row.note_in(words.language))}"
    others = apart(comparison, words)
    if others:
        yield f"\n## {words('not_compared')}\n"
        yield from _piped(others)
    for name, machine in comparison.machines.items():
        yield f"\n## {words('machine_heading')}: {_plain(name)}\n"
        yield from (f"- {key}: {_plain(value)}" for key, value in machine_facts(dict(machine), words))
    yield f"\n## {words('how_heading')}\n"
    yield from (f"- {_plain(sentence)}" for sentence in how(comparison, words))


def _piped(lines: Sequence[Sequence[str]]) -> Iterator[str]:
    """Give a table in Markdown."""
    yield "| " + " | ".join(map(_plain, lines[0])) + " |"
    yield "|---" * len(lines[0]) + "|"
    yield from ("| " + " | ".join(map(_plain, line)) + " |" for line in lines[1:])


def _plain(text: str) -> str:
    """Return text that Markdown takes for nothing else."""
    escaped = "".join(f"\\{c}" if c in "\\`*[]|" else c for c in " ".join(text.split()))
    return escaped.replace("<", "&lt;")


def html(comparison: Comparison, words: Words) -> str:
    """Return the report as a block of HTML; all names in it are escaped."""
    return ElementTree.tostring(_block(comparison, words), encoding="unicode", method="html")


def page(comparison: Comparison, words: Words, style: str) -> str:
    """Return the report as a page of its own."""
    root = ElementTree.Element("html", {"lang": words.language})
    head, body = ElementTree.SubElement(root, "head"), ElementTree.SubElement(root, "body")
    ElementTree.SubElement(head, "meta", {"charset": "utf-8"})
    ElementTree.SubElement(head, "meta", {"name": "viewport", "content": "width=device-width"})
    _add(head, "title", title(comparison, words))
    _add(head, "style", style)
    body.append(_block(comparison, words))
    return "<!DOCTYPE html>\n" + ElementTree.tostring(root, encoding="unicode", method="html")


def _block(comparison: Comparison, words: Words) -> ElementTree.Element:
    """Return the report as an element."""
    root = ElementTree.Element("div", {"class": "benzer-timings", "lang": words.language})
    _add(root, "h2", title(comparison, words))
    table = figures(comparison, words)
    if table:
        _table(root, table)
    else:
        _add(root, "p", words("no_comparable"))
    for row in comparison.rows:
        if row.notes:
            _add(root, "p", f"{row.engine}: {row.note_in(words.language)}")
    others = apart(comparison, words)
    if others:
        _add(root, "h3", words("not_compared"))
        _table(root, others).set("style", "opacity:0.75")
    for name, machine in comparison.machines.items():
        _add(root, "h3", f"{words('machine_heading')}: {name}")
        _list(root, [f"{key}: {value}" for key, value in machine_facts(dict(machine), words)])
    _add(root, "h3", words("how_heading"))
    _list(root, how(comparison, words))
    return root


def _add(parent: ElementTree.Element, tag: str, text: str) -> ElementTree.Element:
    """Add an element with its text."""
    element = ElementTree.SubElement(parent, tag)
    element.text = text
    return element


def _table(parent: ElementTree.Element, lines: Sequence[Sequence[str]]) -> ElementTree.Element:
    """Add a table."""
    table = ElementTree.SubElement(parent, "table")
    for place, (tag, part) in enumerate((("th", lines[:1]), ("td", lines[1:]))):
        body = ElementTree.SubElement(table, ("thead", "tbody")[place])
        for line in part:
            row = ElementTree.SubElement(body, "tr")
            for text in line:
                _add(row, tag, text)
    return table


def _list(parent: ElementTree.Element, lines: Sequence[str]) -> None:
    """Add a list."""
    listed = ElementTree.SubElement(parent, "ul")
    for line in lines:
        _add(listed, "li", line)
