"""The server: routes beside the pages, under `panel serve` as under `benzer serve`."""

import argparse
import gc
import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from weakref import WeakSet

from benzer_lab._optional import require
from benzer_lab.archive import Archive
from benzer_lab.errors import InputError

_SOURCE: dict[str, Callable[[], Archive]] = {}  # one dict for all routes: who installs later takes the place of who did before
_KNOWN: WeakSet[Any] = WeakSet()  # the running servers that were found
_ROUTED: WeakSet[Any] = WeakSet()  # the running servers that have the routes


def install(get_archive: Callable[[], Archive]) -> None:
    """Add the routes to this process's servers: to those made later, and to the running one when a page of it calls.

    Parameters
    ----------
    get_archive : callable
        Gives the archive, at once where it is open already; called from several threads. While it raises an ArchiveError, the routes
        answer 503 with its sentence. It must come from an imported module: what an app script defines is emptied with its session.

    Raises
    ------
    MissingExtraError
        When Panel is not installed.
    """
    require("panel", extra="dashboards", caller="install")
    from bokeh.server.urls import toplevel_patterns

    from benzer_lab.routes import ROUTES

    _SOURCE["get_archive"] = get_archive
    patterns = [(path, handler, _SOURCE) for path, handler in ROUTES]
    if patterns[0] not in toplevel_patterns:
        toplevel_patterns.extend(patterns)
    _add_to_running(patterns)


def pages() -> frozenset[str]:
    """Return the addresses of the pages of the server in whose session this runs: `{"/search", "/atlas"}`.

    Returns
    -------
    frozenset of str
        Empty outside of a session.
    """
    context = _context()
    return frozenset(url for server in _servers(context) for url in server.applications) if context is not None else frozenset()


def _context() -> Any:
    """Return what a server knows the app of this session by; None outside of one."""
    from panel import state

    session = state.curdoc and state.curdoc.session_context
    return session and session.server_context and session.server_context.application_context


def _servers(context: Any) -> list[Any]:
    """Return the servers that have an app: a session does not know its server, and Bokeh keeps no list of them."""
    from bokeh.server.tornado import BokehTornado

    known = [server for server in _KNOWN if context in server.applications.values()]
    if known:
        return known
    found = [server for server in gc.get_objects() if issubclass(type(server), BokehTornado) and context in server.applications.values()]
    _KNOWN.update(found)
    return found


def _add_to_running(patterns: list[tuple[str, type, dict[str, Callable[[], Archive]]]]) -> None:
    """Add the routes to the server in whose session this runs, if it was there before they were."""
    context = _context()
    if context is None or any(context in server.applications.values() for server in _ROUTED):
        return
    for server in _servers(context):
        if not any(rule.target is patterns[0][1] for rule in server.wildcard_router.rules):
            server.add_handlers(".*", [(server.prefix + path, *rest) for path, *rest in patterns])
        _ROUTED.add(server)


def serve(
    apps: Mapping[str, Callable[[], object]],
    get_archive: Callable[[], Archive],
    *,
    port: int = 5006,
    address: str | None = "localhost",
    show: bool = False,
    panel_options: Sequence[str] = (),
) -> None:
    """Serve pages and routes until Ctrl-C or SIGTERM.

    Parameters
    ----------
    apps : mapping of str to callable
        `{"search": search_page}` serves what the function returns, anew for each visitor, at `/search`. A single page is also at `/`.
    get_archive : callable
        As for `install`.
    port : int, default=5006
        Where to listen; 0 takes any free one.
    address : str or None, default="localhost"
        On which address; None listens on all of them.
    show : bool, default=False
        Whether to open the page in a browser.
    panel_options : sequence of str, default=()
        Further options of `panel serve`, such as `["--basic-auth", "users.json", "--prefix", "/lab"]`.

    Raises
    ------
    InputError
        When nothing can listen there.
    MissingExtraError
        When Panel is not installed.
    """
    install(get_archive)
    _check_free(address, port)
    parser = argparse.ArgumentParser(prog="benzer serve")
    command = _command(apps)(parser)
    where = ["--port", str(port), *(["--address", address] if address else []), *(["--show"] if show else [])]
    options = parser.parse_args([*where, *panel_options])
    command.invoke(options)


def _check_free(address: str | None, port: int) -> None:
    """Refuse an address that is taken, before anything else is said."""
    from tornado.netutil import bind_sockets

    try:
        for socket in bind_sockets(port, address):
            socket.close()
    except OSError as error:
        raise InputError(
            f"serve: address and port must be free to listen on; got {address or '*'}:{port} ({error.strerror})."
            f" Stop what listens there, or name another port: benzer serve --port {port + 1}"
        ) from error


def _command(apps: Mapping[str, Callable[[], object]]) -> Any:
    """Return Panel's own serve command, so that logins and all its other options work as they do there, with our pages."""
    from panel import config
    from panel.command.serve import Serve
    from panel.io.application import build_applications

    from benzer_lab.routes import PageGuard

    class Command(Serve):  # type: ignore[misc]
        def customize_applications(self, args: argparse.Namespace, applications: dict[str, Any]) -> dict[str, Any]:
            return {**(applications if args.files else {}), **build_applications(dict(apps), title="Benzer Lab")}

        def customize_kwargs(self, args: argparse.Namespace, server_kwargs: dict[str, Any]) -> dict[str, Any]:
            if not (server_kwargs["cookie_secret"] or config.cookie_secret):
                args.cookie_secret = secrets.token_hex()  # without one, Panel answers every page of a server with logins with 500
            return {**super().customize_kwargs(args, server_kwargs), "transforms": [PageGuard]}

    return Command
