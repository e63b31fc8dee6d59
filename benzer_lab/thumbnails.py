"""Thumbnails: small pictures of the images, made once and kept on disk."""

import hashlib
from functools import cached_property
from pathlib import Path

from benzer_lab._checks import nfc
from benzer_lab._disk import keep
from benzer_lab.errors import ImageError, InputError
from benzer_lab.images import ImageFolder, decode, encode_thumbnail

# Pixels of the longer side: a tile of an overview (browsers decode four times as many a second), a tile, the large view, a close look
SIZES = {"tiny": 128, "small": 256, "large": 1024, "full": 2048}


class Thumbnails:
    """Small pictures of the images of one folder.

    Parameters
    ----------
    images : ImageFolder
        Where the images lie.
    cache : Path or None
        Where the pictures are kept; None keeps none.
    """

    def __init__(self, images: ImageFolder, cache: Path | None) -> None:
        self._images = images
        self._cache = cache

    def key(self, filename: str) -> str | None:
        """Return the address of an image: it changes when the image does, so that what lies under it may be kept for ever.

        Parameters
        ----------
        filename : str
            A name as features or metadata spell it.

        Returns
        -------
        str or None
            32 hexadecimal digits: a hash of name, size and modification time. None where there is no such image.
        """
        name = self._images.locate(filename)
        if name is None:
            return None
        try:
            text = f"{nfc(name)}\n{self._images.fingerprint(name)}"
        except InputError:  # the images were listed again in between, and it is gone
            return None
        return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()

    @cached_property
    def _filename_of(self) -> dict[str | None, str]:
        return {self.key(name): name for name in self._images.filenames}

    def filename(self, key: str) -> str | None:
        """Return the image that an address stands for.

        Parameters
        ----------
        key : str
            What a browser sent.

        Returns
        -------
        str or None
            None where no image has that address (any more).
        """
        return self._filename_of.get(key)

    def get(self, filename: str, size: str = "small") -> bytes:
        """Return the picture of an image.

        Parameters
        ----------
        filename : str
            A name as features or metadata spell it.
        size : {'tiny', 'small', 'large', 'full'}, default='small'
            At most 128, 256, 1024 or 2048 pixels on the longer side.

        Returns
        -------
        bytes
            WebP.

        Raises
        ------
        ImageError
            When the image is missing or cannot be read.
        """
        name, key = self._images.locate(filename), self.key(filename)
        if name is None or key is None:
            raise ImageError(f"Thumbnails: {filename!r} must be among the images; there is no such file.")
        path = None if self._cache is None else self._cache / size / key[:2] / f"{key}.webp"
        if path is not None and path.exists() and (kept := path.read_bytes()):
            return kept
        try:
            content = self._images.read(name)
            if not self._images.is_as_listed(name):  # its new content belongs under a new key
                raise ImageError(f"Thumbnails: {filename!r} has changed since its folder was listed. Open the archive again, or extract.")
        except InputError as error:
            raise ImageError(f"Thumbnails: {filename!r} must be among the images; it has just gone.") from error
        picture = encode_thumbnail(decode(content, target=SIZES[size], name=name), SIZES[size])
        if path is not None:
            keep(path, lambda draft: draft.write_bytes(picture))
        return picture
