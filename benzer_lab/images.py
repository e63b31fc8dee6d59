"""Images: decoded safely and made small; the folder they lie in comes from `benzer_lab.folder`."""

import io
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import ExifTags, Image, ImageCms, TiffImagePlugin
from PIL.Image import Resampling, Transpose

from benzer_lab._checks import integer
from benzer_lab.errors import ImageError, InputError
from benzer_lab.folder import MAX_BYTES, ImageFolder, check_bytes, read_file, refusal

__all__ = ["MAX_BYTES", "MAX_PIXELS", "ImageFolder", "decode", "encode_thumbnail", "upright_rgb"]

MAX_PIXELS = 512_000_000

_FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "PSD")  # as Pillow names them; HEIF comes from pi_heif
_TURNS = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}
# Pillow promises OSError, but its readers let these through on damaged files, too
_DAMAGE = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    AssertionError,
    EOFError,
    RuntimeError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)


def decode(
    source: bytes | Path, *, target: int | None = None, max_pixels: int = MAX_PIXELS, max_bytes: int = MAX_BYTES, name: str | None = None
) -> Image.Image:
    """Decode an image as a browser would show it on white paper.

    JPEG, PNG, WebP, TIFF (first page), BMP, GIF and WebP animations (first frame), HEIC and the composite of a PSD are told
    by their content, whatever the file is called. Orientation is applied, embedded profiles are converted to sRGB
    (CMYK and gray, too), transparent parts become white, 16 bits become 8. TIFFs of floats from 0 to 1 are
    taken as black to white; of other floats and of 32-bit or signed integers the lowest value becomes black, the highest white.

    Parameters
    ----------
    source : bytes or Path
        The content of a file, or where it lies.
    target : int, optional
        Pixels that the shorter side needs. A larger image is reduced by a whole factor, JPEG while it is decoded, so
        that its shorter side comes out at `target` or more and under twice that; a smaller one stays as it is.
    max_pixels : int, default=512_000_000
        Width times height, told by the header, above which nothing is decoded. (WebP above 178 megapixels is refused by Pillow itself.)
    max_bytes : int, default=1_000_000_000
        Size of the file above which nothing is read.
    name : str, optional
        What errors call the image; default is its path.

    Returns
    -------
    PIL.Image.Image
        Mode RGB, sRGB, upright, without metadata.

    Raises
    ------
    ImageError
        When the image cannot be read or is too large; the sentence says why and what to do.
    InputError
        When an argument is not what it must be.
    """
    if not isinstance(source, bytes | Path):
        raise InputError(f"decode: source must be bytes or a Path; got {type(source).__name__}.")
    if target is not None:
        target = integer(target, caller="decode", name="target", low=1)
    where = f"decode: {name or (str(source) if isinstance(source, Path) else 'the image')!r}"
    data = source if isinstance(source, bytes) else read_file(source, max_bytes, where)
    check_bytes(len(data), max_bytes, where)
    kind = next((kind for kind, (_, accepts) in _openers().items() if accepts(data[:16])), "")
    if not data:
        raise refusal(where, "an empty file. Copy it again from its source")
    if not kind:
        raise refusal(where, f"a file that is none of {', '.join(_openers())}. Export it as PNG or JPEG")
    with _explained(where, kind):
        image = _openers()[kind][0](io.BytesIO(data))
    width, height = image.size
    if width * height > max_pixels:
        raise ImageError(
            f"{where} must have at most {max_pixels:,} pixels; got {width:,} x {height:,}. Make it smaller, or raise max_pixels."
        )
    with _explained(where, kind):
        return upright_rgb(image, target)


def encode_thumbnail(image: Image.Image, size: int) -> bytes:
    """Encode a small picture of an image.

    Parameters
    ----------
    image : PIL.Image.Image
        From `decode`.
    size : int
        Pixels of the longer side; an image that is smaller keeps its size.

    Returns
    -------
    bytes
        WebP, without metadata.
    """
    scale = min(1.0, integer(size, caller="encode_thumbnail", name="size", low=1) / max(image.size))
    width, height = (max(1, round(side * scale)) for side in image.size)
    small = image.convert("RGB") if image.mode != "RGB" else image
    file = io.BytesIO()
    small.resize((width, height), Resampling.LANCZOS, reducing_gap=3.0).save(file, "WEBP", quality=80, method=4)
    return file.getvalue()


@cache
def _openers() -> dict[str, tuple[Callable[..., Image.Image], Callable[[bytes], Any]]]:
    """Return how each kind of image is opened, and by which first bytes it is told."""
    # Not by Image.open, which adds Pillow's process-wide bound on pixels; and not by registering pi_heif in the caller's Pillow
    from pi_heif import HeifImageFile, is_supported

    Image.init()
    return {kind: Image.OPEN[kind] for kind in _FORMATS} | {"HEIF": (HeifImageFile, is_supported)}


@contextmanager
def _explained(where: str, kind: str) -> Iterator[None]:
    """Turn whatever a decoder raises into one sentence."""
    try:
        yield
    except MemoryError as error:
        raise refusal(where, f"a {kind} file that needs more memory than there is. Make it smaller") from error
    except _DAMAGE as error:
        state = "cut short" if "truncated" in str(error).lower() else "damaged or of a rare kind"
        advice = "Copy it again from its source, or export it as PNG or JPEG"
        raise refusal(where, f"a {kind} file that is {state} ({str(error).rstrip('.') or type(error).__name__}). {advice}") from error


def upright_rgb(image: Image.Image, target: int | None = None) -> Image.Image:
    """Bring an opened image to what `decode` returns.

    Parameters
    ----------
    image : PIL.Image.Image
        Of any mode. One that was opened from a file may be decoded in place, at reduced size; give a copy of what is not yours.
    target : int, optional
        Pixels that the shorter side needs, as for `decode`.

    Returns
    -------
    PIL.Image.Image
        Mode RGB, sRGB, upright, without metadata.
    """
    if target:
        image.draft(None, (target, target))
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        # Pillow makes this itself, but holds the size against its process-wide bound first; to move that would race with other threads
        image.im = Image.new(image.mode, image._tile_size, None).im
    image.load()
    profile, turn = image.info.get("icc_profile"), _turn(image)
    image = _to_8_bits(image)
    factor = min(image.size) // target if target else 1
    if factor > 1:
        image = image.reduce(factor)
    alpha = image.getchannel("A") if image.mode in ("LA", "RGBA") else None
    rgb = _to_srgb(image, profile)
    if alpha is not None:
        paper = Image.new("RGB", rgb.size, "white")
        paper.paste(rgb, mask=alpha)
        rgb = paper
    rgb.info = {}
    return rgb.transpose(turn) if turn is not None else rgb


def _turn(image: Image.Image) -> Transpose | None:
    """Return what brings the image upright."""
    try:
        return _TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    except _DAMAGE:
        # Editors and old cameras write broken EXIF blocks around sound pixels; every viewer shows those unturned
        return None


def _to_8_bits(image: Image.Image) -> Image.Image:
    """Return the image as L, LA, RGB, RGBA, CMYK or LAB."""
    if image.mode.startswith("I") or image.mode == "F":
        return _deep_gray(image)
    if image.has_transparency_data:
        return image.convert("LA" if image.mode in ("1", "L", "LA", "La") else "RGBA")
    if image.mode in ("L", "RGB", "CMYK", "LAB"):
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def _deep_gray(image: Image.Image) -> Image.Image:
    """Return gray of 16 bits, 32 bits or floats in 8 bits; Pillow's own conversion clips at 255."""
    tags: Mapping[int, Any] = getattr(image, "tag_v2", {})
    values = np.asarray(image)
    if image.mode.startswith("I;16"):
        top = 2 ** tags.get(TiffImagePlugin.BITSPERSAMPLE, (16,))[0] - 1
        gray = (np.arange(65536) * (255 / top) + 0.5).clip(0, 255).astype(np.uint8)[values]
    else:
        gray = _stretched(values.astype(np.float64))
    white_is_zero = tags.get(TiffImagePlugin.PHOTOMETRIC_INTERPRETATION) == 0
    return Image.fromarray(255 - gray if white_is_zero else gray)


def _stretched(values: npt.NDArray[np.float64]) -> npt.NDArray[np.uint8]:
    """Return values from 0 to 1 as 0 to 255, others from their lowest to their highest; what is no number becomes black."""
    finite = values[np.isfinite(values)]
    low, high = (finite.min(), finite.max()) if finite.size else (0.0, 1.0)
    if low >= 0 and high <= 1:
        low, high = 0.0, 1.0
    scaled = np.nan_to_num((values - low) / ((high - low) or 1.0), nan=0.0)
    return (scaled.clip(0, 1) * 255 + 0.5).astype(np.uint8)


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Return the colors of the image, without its alpha, as sRGB."""
    if image.mode in ("LA", "RGBA"):
        image = image.convert(image.mode[:-1])
    if profile:
        try:
            return _convert(image, ImageCms.ImageCmsProfile(io.BytesIO(profile)))
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            # Broken profiles, and profiles of another kind of color than the image has, are common in scans;
            # every viewer ignores them, and the colors without them are closer than no image
            pass
    if image.mode == "LAB":
        return _convert(image, ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")))
    return image.convert("RGB")


def _convert(image: Image.Image, profile: ImageCms.ImageCmsProfile) -> Image.Image:
    """Convert from the profile's colors to sRGB."""
    converted = ImageCms.profileToProfile(
        image, profile, ImageCms.createProfile("sRGB"), renderingIntent=ImageCms.Intent.PERCEPTUAL, outputMode="RGB"
    )
    assert converted is not None  # only `inPlace` gives None
    return converted
