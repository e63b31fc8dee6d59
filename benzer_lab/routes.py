"""What is answered over HTTP: look-alikes, pictures, health. Loaded by `benzer_lab.server`, for it needs Bokeh and Tornado."""

import asyncio
import json
import logging
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, ClassVar, TypeVar, cast
from urllib.parse import parse_qs

import numpy as np
from bokeh.server.views.auth_request_handler import AuthRequestHandler
from tornado.web import HTTPError, OutputTransform, RequestHandler, authenticated, stream_request_body

from benzer_lab._checks import Metric, one_of
from benzer_lab.archive import Archive
from benzer_lab.errors import BenzerError, ImageError, InputError
from benzer_lab.parts import MOST_PARTS
from benzer_lab.payloads import payload
from benzer_lab.search import CALLER, Question
from benzer_lab.thumbnails import Thumbnails

ORIGINS = "BENZER_ALLOWED_ORIGINS"
MODEL, METRIC, TOP_N = "pattern", "cosine", 100  # what the existing front end means when it names none
MAX_TOP_N = 10_000
MAX_BODY = 1_000_000  # bytes; filters of ten thousand values take a fifth of it
MAX_KEYS = 400  # thumbnails at once: four screens of the gallery
OPEN_SECONDS = 2.0  # how long /healthz waits for an archive that is being opened
IMMUTABLE = "private, max-age=31536000, immutable"  # private: the answer is for whoever is logged in, not for a shared cache

# Queries never wait behind the decoding of pictures, and neither holds up the loop that serves the pages
QUERIES = ThreadPoolExecutor(4, "benzer-query")
PARTS = ThreadPoolExecutor(1, "benzer-part")  # each takes all cores for a second or more
PICTURES = ThreadPoolExecutor(4, "benzer-picture")
OPENING = ThreadPoolExecutor(1, "benzer-health")

Given = TypeVar("Given")
log = logging.getLogger(__name__)


class RefusedError(HTTPError):  # type: ignore[misc]
    """An answer other than the one asked for, with its sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(status)
        self.sentence = sentence


@contextmanager
def refusing(status: int) -> Iterator[None]:
    """Answer wrong input with `status`, and an archive that cannot be read with 503, in the library's words."""
    try:
        yield
    except (InputError, ImageError) as error:
        raise RefusedError(status, str(error)) from error
    except BenzerError as error:
        log.warning("%s", error)
        raise RefusedError(HTTPStatus.SERVICE_UNAVAILABLE, str(error)) from error


@stream_request_body
class Route(RequestHandler):  # type: ignore[misc]
    """What all routes share: JSON, errors as one sentence, a limit to what is held of a body, and the origins that may ask."""

    def initialize(self, get_archive: Callable[[], Archive]) -> None:
        """Take what the route was installed with."""
        self.get_archive = get_archive
        self._body = bytearray()
        self._size = 0
        self._prepared = False

    def prepare(self) -> Any:
        """Refuse a body whose size is told to be too large, before it comes."""
        told = self.request.headers.get("Content-Length", "")
        self._check_size(int(told) if told.isdecimal() else 0)
        self._prepared = True

    def data_received(self, chunk: bytes) -> None:
        """Hold what comes of a body, as long as it is not too large; the rest is let go as it comes."""
        self._size += len(chunk)
        if self._size <= MAX_BODY:
            self._body += chunk

    def body(self) -> bytes:
        """Return the body, or refuse one whose size was not told and is too large."""
        self._check_size(self._size)
        return bytes(self._body)

    def _check_size(self, size: int) -> None:
        if size > MAX_BODY:
            raise RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"The body must have at most {MAX_BODY:,} bytes; got {size:,}.")

    def decode_argument(self, value: bytes, name: str | None = None) -> str:
        """Return a part of the address as text, or refuse what is none."""
        try:
            return value.decode()
        except UnicodeDecodeError as error:
            sentence = f"{name or 'The path'} must be UTF-8, percent-encoded; got {value[:60]!r}."
            raise RefusedError(HTTPStatus.UNPROCESSABLE_ENTITY, sentence) from error

    def set_default_headers(self) -> None:
        """Forbid guessing and keeping; let the named origins read the answer."""
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cache-Control", "no-store")
        allowed = {origin.strip().rstrip("/") for origin in os.environ.get(ORIGINS, "").split(",")} - {""}
        if allowed:
            self.set_header("Vary", "Origin")
        origin = self.request.headers.get("Origin")
        if origin in allowed:
            self.set_header("Access-Control-Allow-Origin", origin)
            self.set_header("Access-Control-Allow-Credentials", "true")
            self.set_header("Access-Control-Allow-Headers", "Content-Type")

    def compute_etag(self) -> None:
        """Leave the ETag to routes whose answers never change."""

    def check_xsrf_cookie(self) -> None:
        """Let a POST pass without a token: it asks here, as a GET does, and changes nothing."""

    def options(self, *path: str) -> None:
        """Answer a browser that asks first: what may be sent stands in the default headers."""
        self.set_status(HTTPStatus.NO_CONTENT)

    def write_error(self, status_code: int, **details: Any) -> None:
        """Say in JSON what was wrong; a traceback goes to the log alone."""
        if not self._prepared:  # Tornado drops a connection whose body it has not read: the client must know not to ask there again
            self.set_header("Connection", "close")
        error = details.get("exc_info", (None, None))[1]
        if isinstance(error, RefusedError):
            self.finish_json({"error": error.sentence})
        else:
            more = " Its log says why." if status_code == HTTPStatus.INTERNAL_SERVER_ERROR else ""
            self.finish_json({"error": f"The server cannot answer: {HTTPStatus(status_code).phrase.lower()}.{more}"})

    def finish_json(self, answer: object) -> None:
        """Send an answer."""
        self.set_header("Content-Type", "application/json; charset=UTF-8")
        self.finish(json.dumps(answer, ensure_ascii=False))


class Health(Route):
    """`/healthz`: whether the archive answers. Open to all, so it says no more than that."""

    async def get(self) -> None:
        """Open the archive, or see that it is open."""
        try:
            opening = asyncio.get_running_loop().run_in_executor(OPENING, self.get_archive)
            await asyncio.wait_for(opening, OPEN_SECONDS)
        except (BenzerError, TimeoutError) as error:
            log.warning("/healthz: %r", error)
            sentence = "The archive cannot be opened yet; the server's log and, after login, /find-similar say why."
            raise RefusedError(HTTPStatus.SERVICE_UNAVAILABLE, sentence) from error
        self.finish_json({"status": "ok"})

    head = get


class PrivateRoute(Route, AuthRequestHandler):  # type: ignore[misc]
    """A route for whoever may see the pages."""

    async def prepare(self) -> None:
        """Find out who asks; refuse what no login page or no search could use."""
        Route.prepare(self)
        await AuthRequestHandler.prepare(self)
        if self.request.method == "POST" and not self.current_user:
            raise RefusedError(HTTPStatus.UNAUTHORIZED, "This server asks for a login: open one of its pages in a browser first.")

    @authenticated  # type: ignore[untyped-decorator]
    async def get(self, *path: str) -> None:
        """Send whoever is not logged in to the login page, and answer the others."""
        await self.answer(*path)

    head = get

    async def answer(self, *path: str) -> None:
        """Answer; each route does it in its own way."""
        raise NotImplementedError

    def given(self, name: str, default: str) -> str:
        """Return a parameter of the address; an empty one counts as left out."""
        return str(self.get_query_argument(name, "", strip=False)) or default

    async def archive(self, pool: ThreadPoolExecutor) -> Archive:
        """Return the archive, or answer that it cannot be opened (yet)."""
        with refusing(HTTPStatus.SERVICE_UNAVAILABLE):
            return await in_thread(pool, self.get_archive)


async def in_thread(pool: ThreadPoolExecutor, function: Callable[..., Given], *args: object) -> Given:
    """Run a function beside the loop that serves the pages."""
    return await asyncio.get_running_loop().run_in_executor(pool, function, *args)


class FindSimilar(PrivateRoute):
    """`/find-similar`: the look-alikes of an image of the archive, as the existing front end asks for them."""

    post = PrivateRoute.get

    async def answer(self, *path: str) -> None:
        """Find what looks like the image of this name; a name only, never a path."""
        with refusing(HTTPStatus.UNPROCESSABLE_ENTITY):
            filename = self.given("filename", "")
            if not filename:
                raise InputError(f"{CALLER}: filename must be the name of an image of the archive; got none.")
            metric = cast(Metric, self.given("metric", METRIC))
            filters, region = _asked(self.body())
            question = Question(top_n=_top_n(self.given("topN", str(TOP_N))), metric=metric, filters=filters)
        # In an address a bare + is a space; no model and no version has one in its name
        model, version = (self.given(name, "").replace(" ", "+") for name in ("model", "version"))
        archive = await self.archive(QUERIES)
        pool = QUERIES if region is None else PARTS
        self.finish_json(await in_thread(pool, _find, archive, filename, model, version, question, region))


def _top_n(text: str) -> int:
    """Return how many hits are asked for."""
    top_n = int(text) if text.isdecimal() and len(text) < 10 else 0
    if not 1 <= top_n <= MAX_TOP_N:
        raise InputError(f"{CALLER}: topN must be a whole number from 1 to {MAX_TOP_N:,}; got {text!r}.")
    return top_n


def _asked(body: bytes) -> tuple[Any, Any]:
    """Return filters and region of a body: filters are the JSON itself, or what it holds under 'filters'; a region stands beside that."""
    try:
        asked = json.loads(body.strip() or b"null")
    except (ValueError, RecursionError) as error:
        raise InputError(f"{CALLER}: body must be the filters as JSON, like {{'season': ['SS24']}} in double quotes; {error}.") from error
    if not isinstance(asked, dict) or not asked or not set(asked) <= {"filters", "region"}:
        return asked, None
    region = asked.get("region")
    if isinstance(region, list) and len(region) > MOST_PARTS:
        raise InputError(f"{CALLER}: region must be at most {MOST_PARTS} boxes; got {len(region):,}.")
    return asked.get("filters"), region


def _find(archive: Archive, filename: str, model: str, version: str, question: Question, region: Any) -> list[dict[str, Any]]:
    """Search, and tell what is unknown (404) from what is wrong (422) and from what is not there yet (503)."""
    with refusing(HTTPStatus.SERVICE_UNAVAILABLE):
        default = archive.default_model
    model = model or (MODEL if MODEL in archive.models else default)
    with refusing(HTTPStatus.NOT_FOUND):
        searcher = archive.searcher(model, version or None)
        searcher.features.rows([filename], caller=CALLER)
    with refusing(HTTPStatus.UNPROCESSABLE_ENTITY):
        if region is None:
            return searcher.find_similar(filename, question).to_records()
        return archive.part_searcher(model, version or None).find_similar(filename, region, question).to_records()


class Picture(PrivateRoute):
    """`/images/{key}`: one picture for a close look."""

    sizes: ClassVar[tuple[str, ...]] = ("full",)

    async def answer(self, *path: str) -> None:
        """Send the WebP; what lies under a key never changes, so a browser that has it needs no second."""
        (key,), size = path, self.size()
        thumbnails = await self.thumbnails()
        filename = await in_thread(PICTURES, thumbnails.filename, key)
        if filename is None:
            raise RefusedError(HTTPStatus.NOT_FOUND, f"No image of the archive has the key {key!r} (any more). Load the page again.")
        self.set_header("Etag", f'"{key}-{size}"')
        self.set_header("Cache-Control", IMMUTABLE)
        if self.check_etag_header():
            self.set_status(HTTPStatus.NOT_MODIFIED)
            return
        with refusing(HTTPStatus.NOT_FOUND):
            picture = await in_thread(PICTURES, thumbnails.get, filename, size)
        self.set_header("Content-Type", "image/webp")
        self.finish(picture)

    def size(self) -> str:
        """Return the size asked for; the first where none is."""
        with refusing(HTTPStatus.UNPROCESSABLE_ENTITY):
            return one_of(self.given("size", self.sizes[0]), self.sizes, caller="thumbnails", name="size")

    async def thumbnails(self) -> Thumbnails:
        """Return the pictures of the archive."""
        archive = await self.archive(PICTURES)
        with refusing(HTTPStatus.NOT_FOUND):
            return archive.thumbnails


class Thumbnail(Picture):
    """`/thumbnails/{key}`: one picture in the size of a tile, or larger."""

    sizes = ("small", "tiny", "large")


class ThumbnailBatch(Thumbnail):
    """`/thumbnails?keys=k1,k2,...`: the pictures of a whole gallery in one answer."""

    post = PrivateRoute.get

    async def answer(self, *path: str) -> None:
        """Send k little-endian uint32 lengths and the k pictures; length 0 stands for one that cannot be had."""
        form = parse_qs(self.body().decode("utf-8", "replace")).get("keys", [""])[-1]
        keys, size = self.given("keys", form).split(","), self.size()
        if keys == [""] or len(keys) > MAX_KEYS:
            sentence = f"thumbnails: keys must be 1 to {MAX_KEYS} keys with commas between; got {0 if keys == [''] else len(keys)}."
            raise RefusedError(HTTPStatus.UNPROCESSABLE_ENTITY, sentence)
        thumbnails = await self.thumbnails()
        pictures = await asyncio.gather(*(in_thread(PICTURES, _picture_or_nothing, thumbnails, key, size) for key in keys))
        self.set_header("Content-Type", "application/octet-stream")
        if all(pictures):
            self.set_header("Cache-Control", IMMUTABLE)
        self.finish(np.array([len(picture) for picture in pictures], "<u4").tobytes() + b"".join(pictures))


def _picture_or_nothing(thumbnails: Thumbnails, key: str, size: str) -> bytes:
    """Return a picture, or nothing where the image is unknown or cannot be read."""
    filename = thumbnails.filename(key)
    try:
        return b"" if filename is None else thumbnails.get(filename, size)
    except (ImageError, InputError):
        return b""


class Payload(PrivateRoute):
    """`/payloads/{key}`: points, colors or the library of a map, as the page was told of them."""

    async def answer(self, *path: str) -> None:
        """Send what this process holds under the hash; a page that finds nothing here asks its own session."""
        (key,) = path
        content = payload(key)
        if content is None:
            raise RefusedError(HTTPStatus.NOT_FOUND, f"Nothing is held under the key {key!r} (any more). Load the page again.")
        self.set_header("Etag", f'"{key}"')
        self.set_header("Cache-Control", IMMUTABLE)
        if self.check_etag_header():
            self.set_status(HTTPStatus.NOT_MODIFIED)
            return
        self.set_header("Content-Type", "application/octet-stream")
        self.finish(content)


class PageGuard(OutputTransform):  # type: ignore[misc]
    """Headers for the pages: nothing from outside is loaded, and no other site frames them."""

    HEADERS: ClassVar[dict[str, str]] = {
        # Bokeh compiles its templates in the browser, hence 'unsafe-eval', and writes scripts and styles into the page
        "Content-Security-Policy": "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; object-src 'none';"
        " base-uri 'self'; form-action 'self'; frame-ancestors 'self'",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "SAMEORIGIN",
    }

    def transform_first_chunk(self, status_code: int, headers: Any, chunk: bytes, finishing: bool) -> tuple[int, Any, bytes]:
        """Add the headers that an answer does not have yet."""
        for name, value in self.HEADERS.items():
            headers.setdefault(name, value)
        return status_code, headers, chunk


ROUTES: tuple[tuple[str, type[Route]], ...] = (
    ("/healthz", Health),
    ("/find-similar", FindSimilar),
    ("/thumbnails", ThumbnailBatch),
    ("/thumbnails/(.*)", Thumbnail),
    ("/images/(.*)", Picture),
    ("/payloads/(.*)", Payload),
)
