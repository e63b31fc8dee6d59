"""Optional libraries: loaded on use, or refused with the command that installs them."""

from importlib import import_module
from types import ModuleType

from benzer_lab.errors import MissingExtraError


def require(name: str, *, extra: str, caller: str) -> ModuleType:
    """Import module `name` of the extra `extra`, or say to whom (`caller`) it is missing and how to get it."""
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != name.partition(".")[0]:
            raise
        raise MissingExtraError(f"{caller}: needs {name}, which is not installed. Run: pip install 'benzer-lab[{extra}]'") from error
