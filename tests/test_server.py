import http.client
import io
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import panel as pn
import pytest
import requests
from bokeh.server import urls
from bokeh.server.contexts import BokehServerContext
from bokeh.server.tornado import BokehTornado
from PIL import Image
from tornado.web import Application

from benzer_lab.archive import Archive
from benzer_lab.errors import ArchiveError, InputError
from benzer_lab.routes import MAX_BODY, MAX_KEYS, MAX_TOP_N, ROUTES, Health, Route
from benzer_lab.server import install, serve
from tests.part_archive import BOX, write_part_archive

TURKISH = "Çiğdem şal İpek.png"
BROKEN = "broken.png"
NAMES = [f"D-{i}.png" for i in range(10)] + [TURKISH, BROKEN]
PRIVATE = ["/find-similar?filename=D-1.png", "/thumbnails?keys=" + "0" * 32, "/thumbnails/" + "0" * 32, "/images/" + "0" * 32]
PAGE = """
from functools import partial

import panel as pn
from benzer_lab.archive import Archive
from benzer_lab.server import install

install(partial(Archive.open, {folder!r}))
pn.Row("The page").servable()
"""
SERVE = """
import panel as pn
from benzer_lab.archive import Archive
from benzer_lab.server import serve

serve({{"search": lambda: pn.Row("The page")}}, lambda: Archive.open({folder!r}), port={port}, panel_options={options!r})
"""


def write_archive(folder: Path, models: tuple[str, ...] = ("color", "pattern")) -> Path:
    """Write the flat layout of the existing system."""
    rng = np.random.default_rng(0)
    (folder / "images").mkdir(parents=True)
    for i, name in enumerate(NAMES):
        Image.new("RGB", (2100, 60), (20 * i, 90, 40)).save(folder / "images" / name)
    (folder / "images" / BROKEN).write_bytes(b"no image")
    for model in models:
        np.save(folder / f"{model}_features.npy", rng.normal(size=(len(NAMES), 8)).astype(np.float32))
        (folder / f"{model}_filenames.json").write_text(json.dumps(NAMES))
    records = {
        name: {"design": f"Lâle {i // 2}", "season": ["SS24", "AW24"][i % 2], "features": ["floral"]} for i, name in enumerate(NAMES)
    }
    (folder / "image_metadata_map.json").write_text(json.dumps(records))
    return folder


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("localhost", 0))
        return int(listener.getsockname()[1])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_archive(tmp_path_factory.mktemp("archive") / "image_features")


@pytest.fixture(scope="module")
def archive(folder: Path) -> Archive:
    return Archive.open(folder)


class Served:
    """A server in this process, and what its routes take for the archive."""

    def __init__(self, archive: Archive) -> None:
        self.get_archive: Callable[[], Any] = lambda: archive
        self.port = free_port()
        self.session = requests.Session()

    def __call__(self, path: str, method: str = "GET", **options: Any) -> requests.Response:
        return self.session.request(method, f"http://localhost:{self.port}{path}", timeout=30, allow_redirects=False, **options)

    def find(self, method: str = "GET", json: Any = None, data: Any = None, **query: object) -> requests.Response:
        return self("/find-similar", method, params=query, json=json, data=data)


@pytest.fixture(scope="module")
def running(archive: Archive) -> Iterator[Served]:
    served = Served(archive)
    install(lambda: served.get_archive())
    thread = pn.serve({"page": lambda: pn.Row("The page")}, port=served.port, threaded=True, show=False, verbose=False)
    wait_until_up(served.port, "/healthz", thread.is_alive)
    yield served
    thread.stop()


@pytest.fixture
def ask(running: Served, archive: Archive) -> Iterator[Served]:
    running.get_archive = lambda: archive
    install(lambda: running.get_archive())
    yield running
    running.get_archive = lambda: archive


def wait_until_up(port: int, path: str, alive: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while alive() and time.monotonic() < until:
        try:
            requests.get(f"http://localhost:{port}{path}", timeout=30)
        except requests.ConnectionError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"nothing answers on port {port}")


@contextmanager
def process(*command: str, port: int, **env: str) -> Iterator[subprocess.Popen[str]]:
    """Run a server beside the tests; what it wrote is shown when it dies early."""
    running = subprocess.Popen(
        [sys.executable, *command],
        env=os.environ | env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        wait_until_up(port, "/", lambda: running.poll() is None)
        yield running
    finally:
        with suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGKILL)  # those that it forked, too
        print(running.communicate()[0])  # noqa: T201


def sentence(response: requests.Response) -> str:
    """Return the error of an answer, which must hold nothing else."""
    answer = response.json()
    assert set(answer) == {"error"}
    assert response.headers["Content-Type"] == "application/json; charset=UTF-8"
    return str(answer["error"])


def key_of(archive: Archive, name: str) -> str:
    return archive.thumbnails.key(name)


def test_find_similar_gives_what_the_library_gives(ask: Served, archive: Archive) -> None:
    answer = ask.find(filename="D-1.png", model="color", version="v1", topN=5, metric="l2")
    assert answer.status_code == 200
    assert answer.json() == archive.find_similar("D-1.png", model="color", version="v1", top_n=5, metric="l2").to_records()


def test_find_similar_has_the_defaults_of_the_existing_front_end(ask: Served, archive: Archive) -> None:
    assert ask.find(filename="D-1.png").json() == archive.find_similar("D-1.png", model="pattern", metric="cosine").to_records()


def test_find_similar_gives_the_fields_that_the_existing_front_end_reads(ask: Served) -> None:
    fields = ["filename", "design", "season", "quality", "features", "cluster", "version", "similarity"]
    assert [list(record) for record in ask.find(filename="D-1.png", topN=2).json()] == [fields, fields]


def test_find_similar_takes_the_default_model_where_there_is_no_pattern(ask: Served, tmp_path: Path) -> None:
    other = Archive.open(write_archive(tmp_path / "color", ("color",)))
    ask.get_archive = lambda: other
    assert ask.find(filename="D-1.png").json() == other.find_similar("D-1.png", model="color", metric="cosine").to_records()


def test_an_empty_parameter_counts_as_left_out(ask: Served) -> None:
    assert ask.find(filename="D-1.png", model="", version="", topN="", metric="").json() == ask.find(filename="D-1.png").json()


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("wrap", [lambda filters: filters, lambda filters: {"filters": filters}], ids=["bare", "named"])
def test_filters_come_as_the_body(ask: Served, archive: Archive, method: str, wrap: Callable[[Any], Any]) -> None:
    filters = {"season": ["AW24", "SS25"], "features": {"all": ["floral"]}, "design": None}
    hits = archive.find_similar("D-1.png", model="pattern", filters=filters)
    assert ask.find(method, json=wrap(filters), filename="D-1.png").json() == hits.to_records()
    assert {record["season"] for record in hits.to_records()} == {"AW24"}


@pytest.mark.parametrize("body", ["", " ", "null", "{}"])
def test_an_empty_body_filters_nothing(ask: Served, body: str) -> None:
    assert ask.find("POST", data=body, filename="D-1.png").json() == ask.find(filename="D-1.png").json()


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """An archive in which parts are found."""
    pytest.importorskip("onnxruntime", reason="needs the extra 'features'")
    return Archive.open(write_part_archive(tmp_path_factory.mktemp("parts") / "archive"))


def test_a_region_stands_in_the_body_and_each_record_has_its_box(ask: Served, parts: Archive) -> None:
    ask.get_archive = lambda: parts
    two = [list(BOX), [120, 20, 230, 120]]
    for region, filters in ((list(BOX), None), ([list(BOX)], {"season": "SS24"}), (two, {})):
        body = {"region": region} if filters is None else {"region": region, "filters": filters}
        hits = parts.find_similar("P-0.png", model="pattern", region=region, filters=filters, top_n=3)
        found = ask.find("POST", json=body, filename="P-0.png", topN=3).json()
        assert found == json.loads(json.dumps(hits.to_records()))
        assert (found[0]["width"], found[0]["height"], len(found[0]["box"])) == (320, 160, 2 if region == two else 4)
    assert "box" not in ask.find("POST", json={"filters": {}}, filename="P-0.png").json()[0]
    assert "box" not in ask.find("POST", json={"region": None}, filename="P-0.png").json()[0]


@pytest.mark.parametrize(
    ("region", "said"),
    [
        ([10, 30, 900, 126], "region must lie within the image of 320 x 160 pixels; got (10, 30, 900, 126)."),
        ([10, 30, 20, 40], "Draw it larger."),
        ([1, 2, 3], "region must be four numbers"),
        ([], "region must be (left, top, right, bottom) in pixels, or a list of such boxes; got []"),
        ("all", "got 'all'"),
        ([[10, 30, 106, 126]] * 9, "region must be at most 8 boxes; got 9."),
    ],
)
def test_what_is_no_region_is_refused_in_a_sentence(ask: Served, parts: Archive, region: Any, said: str) -> None:
    ask.get_archive = lambda: parts
    answer = ask.find("POST", json={"region": region}, filename="P-0.png")
    assert answer.status_code == 422
    assert said in sentence(answer)


def test_a_region_asks_for_cosine_and_for_an_archive_that_is_described(ask: Served, parts: Archive) -> None:
    answer = ask.find("POST", json={"region": [0, 0, 40, 40]}, filename="D-1.png")
    assert (answer.status_code, "whose regions are described" in sentence(answer)) == (422, True)
    ask.get_archive = lambda: parts
    answer = ask.find("POST", json={"region": BOX}, filename="P-0.png", metric="l2")
    assert (answer.status_code, "metric must be 'cosine'" in sentence(answer)) == (422, True)
    assert ask.find("POST", json={"region": BOX}, filename="P-9.png").status_code == 404


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_turkish_names_are_found_in_either_form(ask: Served, form: str) -> None:
    answer = ask.find(filename=unicodedata.normalize(form, TURKISH))
    assert answer.status_code == 200
    assert TURKISH not in {record["filename"] for record in answer.json()}
    assert TURKISH in {record["filename"] for record in ask.find(filename="D-1.png").json()}


def test_a_bare_plus_in_the_address_is_the_plus_of_the_model(ask: Served, archive: Archive) -> None:
    answer = ask("/find-similar?filename=D-1.png&model=color+pattern&version=v1+v1")
    assert answer.json() == archive.find_similar("D-1.png", model="color+pattern", metric="cosine").to_records()


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"filename": "D-11.png"}, 404),
        ({"filename": "/etc/passwd"}, 404),
        ({"filename": "../images/D-1.png"}, 404),
        ({"filename": "D-1.png", "model": "patern"}, 404),
        ({"filename": "D-1.png", "version": "v9"}, 404),
        ({"filename": "D-1.png", "metric": "dot"}, 422),
    ],
)
def test_what_is_unknown_gets_the_sentence_of_the_library(ask: Served, archive: Archive, query: dict[str, str], status: int) -> None:
    with pytest.raises(InputError, match="must be") as error:
        archive.find_similar(query["filename"], **{"model": "pattern", **{k: v for k, v in query.items() if k != "filename"}})  # type: ignore[arg-type]
    answer = ask.find(**query)
    assert answer.status_code == status
    assert sentence(answer) == str(error.value)


def test_an_existing_file_is_never_read_by_its_path(ask: Served, folder: Path) -> None:
    assert ask.find(filename=str(folder / "images" / "D-1.png")).status_code == 404


@pytest.mark.parametrize("body", [{"saison": "SS24"}, {"\ud800": "SS24"}, {"season": {"like": "SS"}}, ["SS24"], {"filters": "SS24"}])
def test_wrong_filters_get_the_sentence_of_the_library(ask: Served, archive: Archive, body: Any) -> None:
    filters = body["filters"] if isinstance(body, dict) and "filters" in body else body
    with pytest.raises(InputError, match="filters") as error:
        archive.find_similar("D-1.png", model="pattern", filters=filters)
    answer = ask.find("POST", json=body, filename="D-1.png")
    assert answer.status_code == 422
    assert sentence(answer) == str(error.value)


@pytest.mark.parametrize("body", [b"season=SS24", b"{", b"\xff\xfe", b"[" * 100_000], ids=["form", "torn", "no text", "deep"])
def test_a_body_that_is_no_json_is_refused(ask: Served, body: bytes) -> None:
    answer = ask.find("POST", data=body, filename="D-1.png")
    assert answer.status_code == 422
    assert sentence(answer).startswith("find_similar: body must be the filters as JSON")


@pytest.mark.parametrize("top_n", ["0", "-1", "1.5", "many", str(MAX_TOP_N + 1), "9" * 5000])
def test_topn_out_of_range_is_refused(ask: Served, top_n: str) -> None:
    answer = ask.find(filename="D-1.png", topN=top_n)
    assert answer.status_code == 422
    assert sentence(answer) == f"find_similar: topN must be a whole number from 1 to 10,000; got {top_n!r}."


def test_topn_may_be_its_limit(ask: Served) -> None:
    assert len(ask.find(filename="D-1.png", topN=MAX_TOP_N).json()) == len(NAMES) - 1


def test_a_missing_filename_is_refused(ask: Served) -> None:
    answer = ask.find()
    assert answer.status_code == 422
    assert sentence(answer) == "find_similar: filename must be the name of an image of the archive; got none."


def test_a_large_body_is_refused(ask: Served) -> None:
    answer = ask.find("POST", data=b" " * (MAX_BODY + 1), filename="D-1.png")
    assert answer.status_code == 413
    assert sentence(answer) == "The body must have at most 1,000,000 bytes; got 1,000,001."


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/find-similar?filename=D-1.png"), ("GET", "/healthz"), ("OPTIONS", "/thumbnails"), ("POST", "/thumbnails")],
)
def test_a_large_body_is_refused_before_it_comes(ask: Served, method: str, path: str) -> None:
    connection = http.client.HTTPConnection("localhost", ask.port, timeout=10)
    connection.putrequest(method, path)
    connection.putheader("Content-Length", "50000000")
    connection.endheaders(b"{")
    answer = connection.getresponse()
    assert (answer.status, json.loads(answer.read())) == (413, {"error": "The body must have at most 1,000,000 bytes; got 50,000,000."})
    connection.close()


def test_a_large_body_of_a_size_that_was_not_told_is_not_held(ask: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[int] = []
    take = Route.data_received
    monkeypatch.setattr(Route, "data_received", lambda self, chunk: (take(self, chunk), held.append(len(self._body)))[0])
    answer = ask.find("POST", data=(b" " * 100_000 for _ in range(30)), filename="D-1.png")
    assert answer.status_code == 413
    assert sentence(answer) == "The body must have at most 1,000,000 bytes; got 3,000,000."
    assert 0 < max(held) <= MAX_BODY


def test_a_body_may_have_its_limit(ask: Served) -> None:
    assert ask.find("POST", data=b" " * MAX_BODY, filename="D-1.png").status_code == 200
    assert ask.find("POST", data=(b" " * 100_000 for _ in range(10)), filename="D-1.png").status_code == 200


def test_a_form_with_parts_is_refused_in_a_sentence(ask: Served) -> None:
    parts = {"files": {"season": (None, "SS24")}}
    answer = ask("/find-similar?filename=D-1.png", "POST", **parts)
    assert answer.status_code == 422
    assert sentence(answer).startswith("find_similar: body must be the filters as JSON")
    assert ask("/thumbnails", "POST", **parts).status_code == 422
    answer = ask("/find-similar?filename=D-1.png", "POST", data=b"x", headers={"Content-Type": "multipart/form-data"})
    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("path", "name"), [("/find-similar?filename=%FF%FE.png", "filename"), ("/thumbnails?keys=%FF", "keys"), ("/images/%FF", "The path")]
)
def test_an_address_that_is_no_utf8_is_refused_in_a_sentence(ask: Served, path: str, name: str) -> None:
    answer = ask(path)
    assert answer.status_code == 422
    assert sentence(answer).startswith(f"{name} must be UTF-8, percent-encoded; got b'\\xff")


@pytest.mark.parametrize("path", ["/images/%FF", "/find-similar?filename=D-1.png"])
def test_a_connection_that_will_be_dropped_is_said_to_be(ask: Served, path: str) -> None:
    answer = ask(path, "BREW" if "?" in path else "GET")
    assert answer.status_code in (405, 422)
    assert answer.headers["Connection"] == "close"
    assert "Connection" not in ask("/images/ü").headers


def test_another_method_is_refused_in_a_sentence(ask: Served) -> None:
    answer = ask.find("DELETE")
    assert answer.status_code == 405
    assert sentence(answer) == "The server cannot answer: method not allowed."


def test_an_unexpected_error_leaves_its_traceback_in_the_log_alone(ask: Served, caplog: pytest.LogCaptureFixture) -> None:
    ask.get_archive = lambda: 1 / 0
    answer = ask.find(filename="D-1.png")
    assert answer.status_code == 500
    assert sentence(answer) == "The server cannot answer: internal server error. Its log says why."
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize("path", PRIVATE)
def test_an_archive_that_is_not_there_yet_gets_503_and_its_sentence(ask: Served, path: str) -> None:
    def not_yet() -> Archive:
        raise ArchiveError("The sample archive is being drawn.")

    ask.get_archive = not_yet
    answer = ask(path)
    assert answer.status_code == 503
    assert sentence(answer) == "The sample archive is being drawn."


@pytest.mark.parametrize("model", ["", "pattern"])
def test_an_archive_without_features_gets_503(ask: Served, tmp_path: Path, model: str) -> None:
    ask.get_archive = lambda: Archive.open(tmp_path)
    answer = ask.find(filename="D-1.png", model=model)
    assert answer.status_code == 503
    assert "has no features yet" in sentence(answer)


def test_health_says_ok_and_no_more(ask: Served) -> None:
    answer = ask("/healthz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok"}


def test_health_is_503_without_secrets_while_the_archive_cannot_be_opened(ask: Served) -> None:
    ask.get_archive = lambda: Archive.open("/srv/secret")
    answer = ask("/healthz")
    assert answer.status_code == 503
    assert sentence(answer).startswith("The archive cannot be opened yet")
    assert "secret" not in answer.text


def test_health_does_not_wait_for_an_archive_that_takes_long_to_open(ask: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = threading.Event()
    monkeypatch.setattr("benzer_lab.routes.OPEN_SECONDS", 0.01)
    ask.get_archive = lambda: opened.wait(60)
    answer = ask("/healthz")
    opened.set()
    assert answer.status_code == 503


def test_two_slow_queries_run_at_once_and_hold_up_nothing_else(ask: Served) -> None:
    both, healthy = threading.Barrier(3, timeout=60), threading.Event()

    def find_similar(filename: str, question: object) -> Any:
        both.wait()  # passed only when the other query is under way, too
        assert healthy.wait(60)  # set only after another answer came meanwhile
        return SimpleNamespace(to_records=lambda: [filename])

    searcher = SimpleNamespace(features=SimpleNamespace(rows=lambda names, caller: None), find_similar=find_similar)
    slow = SimpleNamespace(models={"pattern": ("v1",)}, default_model="pattern", searcher=lambda model, version: searcher)
    ask.get_archive = lambda: slow
    answers: dict[str, Any] = {}

    def click(name: str) -> None:
        answers[name] = requests.get(f"http://localhost:{ask.port}/find-similar", params={"filename": name}, timeout=60).json()

    clicks = [threading.Thread(target=click, args=(name,)) for name in ("a", "b")]
    for thread in clicks:
        thread.start()
    both.wait()
    assert ask("/healthz").status_code == 200
    healthy.set()
    for thread in clicks:
        thread.join()
    assert answers == {"a": ["a"], "b": ["b"]}


@pytest.mark.parametrize(
    ("path", "side"),
    [("/thumbnails/{}", 256), ("/thumbnails/{}?size=small", 256), ("/thumbnails/{}?size=large", 1024), ("/images/{}", 2048)],
)
def test_a_picture_is_webp_of_its_size_that_may_be_kept(ask: Served, archive: Archive, path: str, side: int) -> None:
    answer = ask(path.format(key_of(archive, TURKISH)))
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "image/webp"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    picture = Image.open(io.BytesIO(answer.content))
    assert (picture.format, picture.width) == ("WEBP", side)


def test_a_picture_that_the_browser_has_is_not_sent_again(ask: Served, archive: Archive) -> None:
    path = f"/thumbnails/{key_of(archive, 'D-1.png')}"
    etag = ask(path).headers["Etag"]
    assert not etag.startswith("W/")
    again = ask(path, headers={"If-None-Match": f'"other", {etag}'})
    assert (again.status_code, again.content, again.headers["Etag"]) == (304, b"", etag)
    assert ask(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_sizes_have_different_etags(ask: Served, archive: Archive) -> None:
    key = key_of(archive, "D-1.png")
    paths = [f"/thumbnails/{key}", f"/thumbnails/{key}?size=large", f"/images/{key}"]
    assert len({ask(path).headers["Etag"] for path in paths}) == 3


def test_head_gives_the_headers_alone(ask: Served, archive: Archive) -> None:
    path = f"/thumbnails/{key_of(archive, 'D-1.png')}"
    head, whole = ask(path, "HEAD"), ask(path)
    assert head.content == b""
    assert {**head.headers, "Date": ""} == {**whole.headers, "Date": ""}


def test_an_unreadable_picture_is_404_with_its_sentence(ask: Served, archive: Archive) -> None:
    answer = ask(f"/thumbnails/{key_of(archive, BROKEN)}")
    assert answer.status_code == 404
    assert BROKEN in sentence(answer)
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("key", ["0" * 32, "", "D-1.png", "../D-1.png", "%2e%2e%2fimages%2fD-1.png", "x" * 5000])
@pytest.mark.parametrize("route", ["thumbnails", "images"])
def test_an_unknown_key_is_404(ask: Served, route: str, key: str) -> None:
    answer = ask(f"/{route}/{key}")
    assert answer.status_code == 404


@pytest.mark.parametrize(("path", "size"), [("/thumbnails/{}", "full"), ("/thumbnails/{}", "../x"), ("/images/{}", "small")])
def test_an_unknown_size_is_refused(ask: Served, archive: Archive, path: str, size: str) -> None:
    answer = ask(path.format(key_of(archive, "D-1.png")) + f"?size={size}")
    assert answer.status_code == 422
    assert sentence(answer).startswith("thumbnails: size must be one of ")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_batch_holds_lengths_and_pictures_in_order(ask: Served, archive: Archive, method: str) -> None:
    keys = [key_of(archive, "D-2.png"), "0" * 32, key_of(archive, BROKEN), key_of(archive, "D-1.png")]
    sent = {"params" if method == "GET" else "data": {"keys": ",".join(keys)}}
    body = ask("/thumbnails", method, **sent).content
    lengths = np.frombuffer(body[:16], "<u4")
    first, last = (archive.thumbnails.get(name, "small") for name in ("D-2.png", "D-1.png"))
    assert lengths.tolist() == [len(first), 0, 0, len(last)]
    assert body[16:] == first + last


def test_a_batch_may_be_kept_only_when_nothing_is_missing(ask: Served, archive: Archive) -> None:
    whole = ask(f"/thumbnails?keys={key_of(archive, 'D-1.png')}")
    holes = ask(f"/thumbnails?keys={key_of(archive, 'D-1.png')},{'0' * 32}")
    assert whole.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert holes.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("n", "status"), [(0, 422), (MAX_KEYS, 200), (MAX_KEYS + 1, 422)])
def test_a_batch_has_a_limit(ask: Served, n: int, status: int) -> None:
    answer = ask("/thumbnails", params={"keys": ",".join(["0" * 32] * n)})
    assert answer.status_code == status
    if status == 422:
        assert sentence(answer) == f"thumbnails: keys must be 1 to 400 keys with commas between; got {n}."


@pytest.mark.parametrize("route", ["find-similar", "thumbnails", "images", "healthz"])
@pytest.mark.parametrize(
    "trick",
    ["../../../../etc/passwd", "..%2f..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/etc/passwd", "..\\..\\etc\\passwd", "%00", "//etc/passwd"],
)
def test_paths_lead_nowhere(ask: Served, route: str, trick: str) -> None:
    connection = http.client.HTTPConnection("localhost", ask.port, timeout=30)  # sends the path as it stands
    connection.request("GET", f"/{route}/{trick}")
    answer = connection.getresponse()
    assert answer.status in {403, 404}
    assert b"root:" not in answer.read()
    connection.close()


def test_no_other_origin_may_read_answers_by_default(ask: Served) -> None:
    answer = ask("/healthz", headers={"Origin": "https://front.example"})
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [("https://front.example", True), ("https://front.example:8443", False), ("https://front.example.evil.com", False), ("null", False)],
)
def test_named_origins_may_read_answers(ask: Served, monkeypatch: pytest.MonkeyPatch, origin: str, allowed: bool) -> None:
    monkeypatch.setenv("BENZER_ALLOWED_ORIGINS", "http://localhost:3000, https://front.example/")
    for method, status in (("GET", 200), ("OPTIONS", 204)):
        answer = ask("/find-similar?filename=D-1.png", method, headers={"Origin": origin})
        assert answer.status_code == status
        assert answer.headers["Vary"] == "Origin"
        assert answer.headers.get("Access-Control-Allow-Origin") == (origin if allowed else None)


def test_a_preflight_allows_the_header_of_a_json_body(ask: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BENZER_ALLOWED_ORIGINS", "https://front.example")
    asked = {"Origin": "https://front.example", "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    answer = ask("/find-similar", "OPTIONS", headers=asked)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["Access-Control-Allow-Headers"] == "Content-Type"


def test_the_private_parts_of_bokeh_that_install_needs_are_there() -> None:
    assert isinstance(urls.toplevel_patterns, list)
    server = BokehTornado({"/page": lambda document: None}, prefix="lab")
    context = server.applications["/page"]
    assert server.prefix == "/lab"
    assert BokehServerContext(context).application_context is context
    assert all(hasattr(rule, "target") for rule in server.wildcard_router.rules)
    server.add_handlers(".*", [("/lab/healthz", Health, {"get_archive": None})])


def test_install_twice_adds_the_routes_once(archive: Archive) -> None:
    install(lambda: archive)
    install(lambda: archive)
    ours = {handler for _, handler in ROUTES}
    assert sum(pattern[1] in ours for pattern in urls.toplevel_patterns) == len(ROUTES)


def test_the_last_install_names_the_archive(ask: Served, tmp_path: Path) -> None:
    other = Archive.open(write_archive(tmp_path / "color", ("color",)))
    install(lambda: other)
    assert ask.find(filename="D-1.png", model="pattern").status_code == 404


def test_sessions_of_a_server_without_the_routes_add_them_once(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = {handler for _, handler in ROUTES}
    monkeypatch.setattr("bokeh.server.tornado.toplevel_patterns", [pattern for pattern in urls.toplevel_patterns if pattern[1] not in ours])
    added: list[str] = []
    monkeypatch.setattr(
        BokehTornado, "add_handlers", lambda self, host, rules: added.append(host) or Application.add_handlers(self, host, rules)
    )

    def page() -> pn.Row:
        install(lambda: archive)
        return pn.Row("The page")

    ask = Served(archive)
    thread = pn.serve({"one": page, "two": page}, port=ask.port, threaded=True, show=False, verbose=False)
    wait_until_up(ask.port, "/", thread.is_alive)
    before = ask("/healthz").status_code
    views = [ask(path).status_code for path in ("/one", "/one", "/two")]
    after = ask("/healthz").status_code
    thread.stop()
    assert (before, views, after) == (404, [200, 200, 200], 200)
    assert added == [".*"]


def test_plain_panel_serve_has_the_routes_from_the_first_page_view_on(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "page.py").write_text(PAGE.format(folder=str(folder)))
    port = free_port()
    base = f"http://localhost:{port}/lab"
    with process("-m", "panel", "serve", str(tmp_path / "page.py"), "--port", str(port), "--prefix", "/lab", port=port):
        assert requests.get(f"{base}/healthz", timeout=30).status_code == 404
        assert requests.get(f"{base}/page", timeout=30).status_code == 200
        assert requests.get(f"{base}/healthz", timeout=30).json() == {"status": "ok"}
        assert len(requests.get(f"{base}/find-similar?filename=D-1.png", timeout=30).json()) == len(NAMES) - 1
        assert requests.get(f"http://localhost:{port}/healthz", timeout=30).status_code == 404


def test_warm_panel_serve_has_the_routes_at_once_and_asks_for_the_login_of_its_pages(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "page.py").write_text(PAGE.format(folder=str(folder)))
    port = free_port()
    options = ("--port", str(port), "--warm", "--basic-auth", "open sesame", "--cookie-secret", "salt")
    with process("-m", "panel", "serve", str(tmp_path / "page.py"), *options, port=port):
        check_login(port)


def check_login(port: int) -> None:
    """Every route but /healthz asks for a login, and answers after it."""
    base = f"http://localhost:{port}"
    assert requests.get(f"{base}/healthz", timeout=30).status_code == 200
    for path in PRIVATE:
        answer = requests.get(base + path, timeout=30, allow_redirects=False)
        assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (302, "/login")
        assert requests.head(base + path, timeout=30, allow_redirects=False).status_code == 302
    for path in PRIVATE[:2]:
        answer = requests.post(base + path, timeout=30, allow_redirects=False)
        assert answer.status_code == 401
        assert "login" in sentence(answer)
    with requests.Session() as session:
        session.post(f"{base}/login", data={"username": "u", "password": "open sesame"}, timeout=30)
        assert [session.get(base + path, timeout=30).status_code for path in PRIVATE] == [200, 200, 404, 404]


def test_serve_has_pages_and_routes_at_once_and_ends_on_sigterm(folder: Path) -> None:
    port = free_port()
    with process("-c", SERVE.format(folder=str(folder), port=port, options=[]), port=port) as running:
        base = f"http://localhost:{port}"
        assert requests.get(f"{base}/healthz", timeout=30).json() == {"status": "ok"}
        page = requests.get(f"{base}/", timeout=30)
        assert (page.status_code, page.url) == (200, f"{base}/search")
        assert "<title>Benzer Lab</title>" in page.text
        assert "frame-ancestors 'self'" in page.headers["Content-Security-Policy"]
        assert page.headers["X-Frame-Options"] == "SAMEORIGIN"
        running.send_signal(signal.SIGTERM)
        assert running.wait(30) == 0


def test_serve_takes_the_options_of_panel_and_ends_on_ctrl_c(folder: Path) -> None:
    port = free_port()
    with process("-c", SERVE.format(folder=str(folder), port=port, options=["--basic-auth", "open sesame"]), port=port) as running:
        check_login(port)
        running.send_signal(signal.SIGINT)
        assert running.wait(30) == 0


def test_serve_refuses_a_port_that_is_taken(archive: Archive) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        with pytest.raises(
            InputError, match=rf"^serve: address and port must be free .*:{port} \(.*name another port: benzer serve --port"
        ):
            serve({}, lambda: archive, port=port, address="127.0.0.1")


def test_serve_refuses_an_address_that_is_not_here(archive: Archive) -> None:
    with pytest.raises(InputError, match=r"^serve: address and port must be free to listen on; got 192\.0\.2\.1:"):
        serve({}, lambda: archive, port=free_port(), address="192.0.2.1")
