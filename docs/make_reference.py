"""Write docs/reference.md from the docstrings, so that it is never stale: `python docs/make_reference.py`."""

import inspect
from collections.abc import Iterator
from pathlib import Path

import click

import benzer_lab as bl
from benzer_lab.cli import main

PAGE = Path(__file__).with_name("reference.md")


def lines() -> Iterator[str]:
    """Yield the page."""
    yield "# Reference\n"
    yield "Written by `python docs/make_reference.py` from the docstrings, where shapes, units, ranges and errors stand, too:"
    yield "`help(bl.Archive.find_similar)`.\n"
    yield "## Python: `import benzer_lab as bl`\n"
    for name in bl.__all__:
        thing = getattr(bl, name)
        yield f"### `bl.{name}{signature(thing)}`\n"
        yield f"{summary(thing)}\n"
        for member, value in members(thing):
            yield f"- `{member}{signature(value)}`: {summary(value)}"
        yield ""
    yield "## Command line: `benzer`\n"
    group = click.Context(main, info_name="benzer", terminal_width=110, max_content_width=110, **main.context_settings)
    for name, command in main.commands.items():
        yield f"### `benzer {name}`\n"
        yield f"{command.help}\n".replace("\b", "")
        yield f"```\n{command.get_help(click.Context(command, parent=group, info_name=name))}\n```\n"


def members(thing: object) -> Iterator[tuple[str, object]]:
    """Yield the public methods and properties of a class, or the public names of a module."""
    if inspect.ismodule(thing):
        yield from ((name, getattr(thing, name)) for name in thing.__all__)
    elif inspect.isclass(thing) and not issubclass(thing, Exception):
        for name, value in vars(thing).items():
            described = value.__func__ if isinstance(value, classmethod | staticmethod) else value
            if not name.startswith("_") and (callable(described) or isinstance(described, property) or hasattr(described, "func")):
                yield name, described


def signature(thing: object) -> str:
    """Return how a thing is called, without annotations."""
    if not callable(thing) or (inspect.isclass(thing) and issubclass(thing, Exception)):
        return ""
    parameters = [p.replace(annotation=p.empty) for p in inspect.signature(thing).parameters.values() if p.name not in {"self", "cls"}]
    return str(inspect.Signature(parameters))


def summary(thing: object) -> str:
    """Return the first line of a docstring."""
    return (inspect.getdoc(thing) or "").partition("\n")[0]


def page() -> str:
    """Return the whole page."""
    return "\n".join(lines()).rstrip() + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
