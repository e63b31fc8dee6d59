"""Folders of images: what is listed, found and read, here and behind URLs."""

import os
import pickle
import unicodedata
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import fsspec
import pytest

from benzer_lab.errors import ImageError, InputError
from benzer_lab.folder import ImageFolder

FILES = {
    "a.png": b"first",
    "sub/b.JPG": b"second",
    "sub/deep/ç.webp": b"third",
    "notes.txt": b"no image",
    ".hidden.png": b"hidden",
    ".cache/c.png": b"hidden",
    "sub/._b.jpg": b"hidden",
    "png": b"no suffix",
}
NAMES = ("a.png", "sub/b.JPG", "sub/deep/ç.webp")


def on_disk(folder: Path) -> str:
    for name, content in FILES.items():
        path = folder / "designs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return str(folder / "designs")


def in_memory(folder: Path) -> str:
    url = f"memory://{uuid4().hex}"
    fs, root = fsspec.core.url_to_fs(url)
    fs.pipe({f"{root}/{name}": content for name, content in FILES.items()})
    return url


def in_zip(folder: Path) -> str:
    with zipfile.ZipFile(folder / "designs.zip", "w") as archive:
        for name, content in {**FILES, "../outside.png": b"outside"}.items():
            archive.writestr(name, content)
    return f"zip://::{folder}/designs.zip"


def in_zip_folder(folder: Path) -> str:
    with zipfile.ZipFile(folder / "designs.zip", "w") as archive:
        for name, content in FILES.items():
            archive.writestr(f"scans/{name}", content)
    return f"zip://scans::{folder}/designs.zip"


def by_file_url(folder: Path) -> str:
    return f"file://{on_disk(folder)}"


PLACES = [on_disk, in_memory, in_zip, in_zip_folder, by_file_url]


@pytest.fixture(params=PLACES, ids=lambda place: place.__name__)
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> ImageFolder:
    """The same files in every kind of place."""
    place: Callable[[Path], str] = request.param
    return ImageFolder(place(tmp_path))


@pytest.fixture
def local(tmp_path: Path) -> Path:
    """A folder on this disk."""
    return Path(on_disk(tmp_path))


def test_filenames_are_the_images_that_are_not_hidden(folder: ImageFolder) -> None:
    assert folder.filenames == NAMES


def test_read_gives_the_content(folder: ImageFolder) -> None:
    assert [folder.read(name) for name in folder.filenames] == [b"first", b"second", b"third"]


@pytest.mark.parametrize(
    "name", ["../outside.png", "/etc/passwd", "sub/../a.png", "notes.txt", ".hidden.png", "", "./a.png", "A.png", "a.png\0"]
)
def test_read_refuses_what_is_not_listed(folder: ImageFolder, name: str) -> None:
    assert name not in folder
    with pytest.raises(InputError, match=r"^ImageFolder\.read: name must be one of the 3 images of '.*'; got "):
        folder.read(name)


def test_read_refuses_what_is_too_large(folder: ImageFolder) -> None:
    assert folder.read("a.png", max_bytes=5) == b"first"
    with pytest.raises(ImageError, match=r"^ImageFolder\.read: 'sub/b\.JPG' must have at most 5 bytes; got 6\. Make it smaller"):
        folder.read("sub/b.JPG", max_bytes=5)


def test_folder_survives_pickling(folder: ImageFolder) -> None:
    assert "a.png" in folder
    copy = pickle.loads(pickle.dumps(folder))
    assert (copy.filenames, copy.read("a.png"), repr(copy)) == (NAMES, b"first", repr(folder))


def test_fingerprint_begins_with_the_size_and_stays(folder: ImageFolder) -> None:
    first = folder.fingerprint("a.png")
    folder.refresh()
    assert first.startswith("5-")
    assert folder.fingerprint("a.png") == first


def test_fingerprint_refuses_what_is_not_listed(folder: ImageFolder) -> None:
    with pytest.raises(InputError, match=r"^ImageFolder\.fingerprint: name must be one of the 3 images"):
        folder.fingerprint("notes.txt")


def test_repr_tells_how_many_once_they_are_listed(local: Path) -> None:
    folder = ImageFolder(local)
    assert repr(folder) == f"ImageFolder('{local}')"
    assert "a.png" in folder
    assert repr(folder) == f"ImageFolder('{local}', 3 images)"


def test_repr_and_errors_keep_passwords_to_themselves() -> None:
    with pytest.raises(InputError, match=r"got 'memory://host/designs'"):
        ImageFolder("memory://user:secret@host/designs")


@pytest.mark.parametrize("url", ["nowhere", "memory://nowhere", "file:///nowhere/at/all"])
def test_missing_folder_is_refused(url: str) -> None:
    with pytest.raises(InputError, match=r"^ImageFolder: images must be a folder that exists; got '.*nowhere.*'\. Check the path\.$"):
        ImageFolder(url)


def test_file_in_place_of_a_folder_is_refused(local: Path) -> None:
    with pytest.raises(InputError, match=r"images must be a folder that exists"):
        ImageFolder(local / "a.png")


def test_changed_file_gets_another_fingerprint_when_listed_again(local: Path) -> None:
    folder = ImageFolder(local)
    before = folder.fingerprint("a.png")
    (local / "a.png").write_bytes(b"other")
    os.utime(local / "a.png", ns=(1, 1))
    assert folder.fingerprint("a.png") == before
    folder.refresh()
    assert folder.fingerprint("a.png") == "5-1"


def test_new_and_removed_files_show_when_listed_again(local: Path) -> None:
    folder = ImageFolder(local)
    assert len(folder.filenames) == 3
    (local / "new.tif").write_bytes(b"new")
    (local / "a.png").unlink()
    assert folder.filenames == NAMES
    folder.refresh()
    assert folder.filenames == ("new.tif", "sub/b.JPG", "sub/deep/ç.webp")


def test_file_that_has_gone_is_refused(local: Path) -> None:
    folder = ImageFolder(local)
    assert "a.png" in folder
    (local / "a.png").unlink()
    with pytest.raises(ImageError, match=r"^ImageFolder\.read: 'a\.png' must be .*; got no file of this name\."):
        folder.read("a.png")


def test_file_that_has_gone_from_afar_is_refused(tmp_path: Path) -> None:
    url = in_memory(tmp_path)
    folder = ImageFolder(url)
    assert "a.png" in folder
    fsspec.filesystem("memory").rm(f"/{url.removeprefix('memory://')}/a.png")
    with pytest.raises(ImageError, match=r"^ImageFolder\.read: 'a\.png' must be .*; got a file that cannot be read"):
        folder.read("a.png")


def test_names_are_found_in_either_spelling_of_their_letters(local: Path) -> None:
    decomposed = unicodedata.normalize("NFD", "İğde çiçeği.png")
    (local / decomposed).write_bytes(b"")
    folder = ImageFolder(local)
    assert decomposed in folder.filenames
    assert folder.locate("İğde çiçeği.png") == decomposed
    assert folder.locate(decomposed) == decomposed


def test_two_spellings_of_one_name_are_told_apart_exactly(local: Path) -> None:
    spellings = [unicodedata.normalize(form, "çiçek.png") for form in ("NFC", "NFD")]
    for name in spellings:
        (local / name).write_bytes(b"")
    folder = ImageFolder(local)
    assert [folder.locate(name) for name in spellings] == spellings


def test_locate_finds_a_name_without_its_folder_when_there_is_one(local: Path) -> None:
    (local / "sub" / "a.png").write_bytes(b"another")
    folder = ImageFolder(local)
    assert folder.locate("b.JPG") == "sub/b.JPG"
    assert folder.locate("a.png") == "a.png"
    assert folder.locate("missing.png") is None


def test_a_name_with_its_folder_is_never_an_image_of_another_folder(local: Path) -> None:
    folder = ImageFolder(local)
    assert folder.locate("elsewhere/b.JPG") is None
    (local / "sub/b.JPG").rename(local / "sub/deep/b.JPG")
    folder.refresh()
    assert folder.locate("sub/b.JPG") is None
    assert folder.locate("b.JPG") == "sub/deep/b.JPG"


def test_threads_may_ask_while_another_lists_again(local: Path) -> None:
    class Vanishing(dict[str, tuple[int, str]]):
        """Facts of which the last image vanishes, from the folder too, once they have said that it is there."""

        def __contains__(self, name: object) -> bool:
            found = super().__contains__(name)
            (local / "a.png").unlink(missing_ok=True)
            folder.refresh()
            return found

    folder = ImageFolder(local)
    folder.refresh()
    object.__setattr__(folder._listing, "files", Vanishing(folder._listing.files))  # type: ignore[union-attr]
    assert folder.fingerprint("a.png").startswith("5-")
    assert folder.filenames == NAMES[1:]


def test_links_are_listed_only_when_they_stay_inside(local: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(b"secret")
    (local / "out.png").symlink_to(tmp_path / "secret.png")
    (local / "up.png").symlink_to("../secret.png")
    (local / "in.png").symlink_to("sub/b.JPG")
    (local / "dangling.png").symlink_to("missing.png")
    (local / "itself.png").symlink_to("itself.png")
    (local / "around").symlink_to(local)
    (local / "outside").symlink_to(tmp_path)
    folder = ImageFolder(local)
    assert folder.filenames == ("a.png", "in.png", "sub/b.JPG", "sub/deep/ç.webp")
    assert folder.read("in.png") == b"second"


def test_file_that_became_a_link_out_is_refused(local: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(b"secret")
    folder = ImageFolder(local)
    assert "a.png" in folder
    (local / "a.png").unlink()
    (local / "a.png").symlink_to(tmp_path / "secret.png")
    with pytest.raises(ImageError, match=r"^ImageFolder\.read: 'a\.png' must be .*; got a link that leaves the folder\."):
        folder.read("a.png")


def test_folder_may_be_a_link_itself(local: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(local)
    folder = ImageFolder(tmp_path / "link")
    assert folder.filenames == NAMES
    assert folder.read("a.png") == b"first"


def test_pipes_and_folders_called_like_images_are_left_out(local: Path) -> None:
    os.mkfifo(local / "pipe.png")
    (local / "folder.png").mkdir()
    assert ImageFolder(local).filenames == NAMES


def test_names_that_are_not_utf8_are_left_out_with_a_warning(local: Path) -> None:
    Path(os.fsdecode(os.fsencode(local) + b"/\xfe\xff.png")).write_bytes(b"")
    folder = ImageFolder(local)
    with pytest.warns(UserWarning, match=r"^ImageFolder: 1 names in '.*' are not UTF-8 and left out\. Rename those files\.$"):
        folder.refresh()
    assert folder.filenames == NAMES


def test_folder_that_goes_away_keeps_its_listing_and_warns_once(local: Path) -> None:
    folder = ImageFolder(local)
    assert folder.filenames == NAMES
    local.rename(local.with_name("moved"))
    with pytest.warns(UserWarning, match=r"can be listed; got '.*' \(.*No such file.*\)\. The images listed before are kept\."):
        assert not folder.refresh()
    with warnings.catch_warnings(action="error"):
        assert not folder.refresh()
    assert folder.filenames == NAMES
    local.with_name("moved").rename(local)
    (local / "a.png").unlink()
    assert folder.refresh()
    assert folder.filenames == NAMES[1:]


def test_folder_that_cannot_be_listed_is_refused(local: Path) -> None:
    folder = ImageFolder(local)
    local.rename(local.with_name("moved"))
    with pytest.raises(InputError, match=r"^ImageFolder: images must be a folder that can be listed; got '.*' \(.*No such file.*\)\.$"):
        folder.refresh()


def test_odd_names_are_read(local: Path) -> None:
    names = ["100%.png", "a b.png", "a#b?.png", "a::b.png", "quote'.png", "{x}*.png"]
    for name in names:
        (local / name).write_bytes(name.encode())
    folder = ImageFolder(local)
    assert [folder.read(name) for name in names] == [name.encode() for name in names]
