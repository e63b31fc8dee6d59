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

__all__ = ["MAX_BYTES", "MAX_PIXELS", "ImageFolder", "decode", "encode_thumbnail", "header", "opened", "tiles", "upright", "upright_rgb"]

MAX_PIXELS = 512_000_000
TILE = 1024  # pixels of a side: what is worked on at a time where a whole image would take many times its size

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
        if target:
            image.draft(None, (target, target))
        if isinstance(image, TiffImagePlugin.TiffImageFile):
            # Pillow makes this itself, but holds the size against its process-wide bound first; to move that would race with other threads
            image.im = Image.new(image.mode, image._tile_size, None).im
        image.load()
        return _upright_rgb(image, target)


def header(data: bytes) -> tuple[tuple[int, int], float | None]:
    """Read what an image tells of itself, without decoding it.

    Parameters
    ----------
    data : bytes
        The content of a file that `decode` reads.

    Returns
    -------
    size : tuple of int
        Width and height in pixels as they are stored: an orientation is not applied.
    dpi : float or None
        Pixels an inch, across; None where the file tells none.

    Raises
    ------
    ImageError
        When it is no such file.
    """
    kind = next((kind for kind, (_, accepts) in _openers().items() if accepts(data[:16])), "")
    if not kind:
        raise refusal("header: the image", f"a file that is none of {', '.join(_openers())}. Export it as PNG or JPEG")
    with _explained("header: the image", kind):
        image = _openers()[kind][0](io.BytesIO(data))
        dpi = image.info.get("dpi", (None,))[0]
        return image.size, None if dpi is None else float(dpi)


def opened(image: object, *, target: int, caller: str) -> tuple[Image.Image, tuple[int, int], float | None]:
    """Open an image in whichever form a caller has it.

    Parameters
    ----------
    image : Path, bytes, PIL image or uint8 array of shape (h, w, 3)
        What the caller gave.
    target : int
        Pixels that the shorter side needs, as for `decode`.
    caller : str
        Who asks; named in the errors.

    Returns
    -------
    picture : PIL.Image.Image
        Upright RGB, made small.
    size : tuple of int
        Width and height of the upright original, in pixels.
    dpi : float or None
        Pixels an inch, where the image tells.

    Raises
    ------
    InputError
        When `image` is of no such kind.
    ImageError
        When it cannot be read.
    """
    dpi: Any = None
    if isinstance(image, Path | bytes):
        data = read_file(image, MAX_BYTES, f"{caller}: {str(image)!r}") if isinstance(image, Path) else image
        picture = decode(data, target=target, name=str(image) if isinstance(image, Path) else None)
        size, dpi = header(data)
    elif isinstance(image, Image.Image):
        picture = upright_rgb(image, target, caller=caller)
        size, dpi = image.size, image.info.get("dpi", (None, None))[0]
    elif isinstance(image, np.ndarray) and image.dtype == np.uint8 and image.ndim == 3 and image.shape[2] == 3 and image.size:
        picture = upright_rgb(Image.fromarray(image), target)
        size = image.shape[1], image.shape[0]
    else:
        what = f"{image.dtype} of shape {image.shape}" if isinstance(image, np.ndarray) else type(image).__name__
        raise InputError(f"{caller}: image must be a Path, bytes, a PIL image or a uint8 array of shape (h, w, 3); got {what}.")
    return picture, upright(size, picture), None if dpi is None else float(dpi)


def upright(size: tuple[int, int], picture: Image.Image) -> tuple[int, int]:
    """Turn the size that a file tells of its image as the image itself is turned.

    Parameters
    ----------
    size : tuple of int
        Width and height as they are stored, from `header`.
    picture : PIL.Image.Image
        What `decode` made of the file.

    Returns
    -------
    tuple of int
        Width and height of the upright original.
    """
    is_turned = (picture.width < picture.height) != (size[0] < size[1]) and picture.width != picture.height
    return (size[1], size[0]) if is_turned else (size[0], size[1])


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
    small.resize((width, height), Resampling.LANCZOS, reducing_gap=3.0).save(file, "WEBP", quality=80, method=1)
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


def upright_rgb(image: Image.Image, target: int | None = None, *, caller: str = "upright_rgb") -> Image.Image:
    """Bring an image that a caller opened to what `decode` returns.

    Parameters
    ----------
    image : PIL.Image.Image
        Of any mode; it stays as it is, but for being loaded where its file was only opened.
    target : int, optional
        Pixels that the shorter side needs, as for `decode`.
    caller : str, default="upright_rgb"
        Who asks; named in the error.

    Returns
    -------
    PIL.Image.Image
        Mode RGB, sRGB, upright, without metadata.

    Raises
    ------
    ImageError
        When its file turns out to be cut short, damaged or too large for Pillow.
    """
    with _explained(f"{caller}: image", image.format or image.mode):
        image.load()
        return _upright_rgb(image, target)


def tiles(size: tuple[int, int], *, multiple: int = 1) -> Iterator[tuple[int, int, int, int]]:
    """Cut an image into parts that need little memory each.

    Parameters
    ----------
    size : tuple of int
        Its width and height, in pixels.
    multiple : int, default=1
        Of how many pixels each side of a part is, at the right and lower edge apart.

    Yields
    ------
    tuple of int
        Left, upper, right and lower edge of a part: a million pixels at most, or one multiple.
    """
    width, height = size
    side = max(1, TILE // multiple) * multiple
    for top in range(0, height, side):
        for left in range(0, width, side):
            yield left, top, min(left + side, width), min(top + side, height)


def _upright_rgb(image: Image.Image, target: int | None) -> Image.Image:
    """Bring a loaded image to what `decode` returns."""
    profile, turn = image.info.get("icc_profile"), _turn(image)
    image = _reduced(image, max(1, min(image.size) // target) if target else 1)
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


def _reduced(image: Image.Image, factor: int) -> Image.Image:
    """Return the image as L, LA, RGB, RGBA, CMYK or LAB, reduced by a whole factor; in tiles, as between the two it may be much larger."""
    is_deep = image.mode.startswith("I") or image.mode == "F"
    if factor == 1 and not is_deep:
        return _to_8_bits(image)
    to_8_bits = _deep_gray(image) if is_deep else _to_8_bits
    small = None
    for box in tiles(image.size, multiple=factor):
        part = to_8_bits(image.crop(box)).reduce(factor)
        if small is None:
            small = Image.new(part.mode, (-(-image.width // factor), -(-image.height // factor)))
        small.paste(part, (box[0] // factor, box[1] // factor))
    assert small is not None  # a decoder refuses images without pixels
    return small


def _to_8_bits(image: Image.Image) -> Image.Image:
    """Return an image of at most 8 bits a channel as L, LA, RGB, RGBA, CMYK or LAB."""
    if image.has_transparency_data:
        return image.convert("LA" if image.mode in ("1", "L", "LA", "La") else "RGBA")
    if image.mode in ("L", "RGB", "CMYK", "LAB"):
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def _deep_gray(image: Image.Image) -> Callable[[Image.Image], Image.Image]:
    """Return what makes 8 bits of a part of gray of 16 bits, 32 bits or floats; Pillow's own conversion clips at 255."""
    tags: Mapping[int, Any] = getattr(image, "tag_v2", {})
    white_is_zero = tags.get(TiffImagePlugin.PHOTOMETRIC_INTERPRETATION) == 0
    is_short = image.mode.startswith("I;16")
    top = 2 ** tags.get(TiffImagePlugin.BITSPERSAMPLE, (16,))[0] - 1 if is_short else 1
    table = (np.arange(65536) * (255 / top) + 0.5).clip(0, 255).astype(np.uint8)
    span = (0.0, 1.0) if is_short else _span(image)

    def to_gray(part: Image.Image) -> Image.Image:
        values = np.asarray(part)
        gray = table[values] if is_short else _stretched(values.astype(np.float64), *span)
        return Image.fromarray(255 - gray if white_is_zero else gray)

    return to_gray


def _span(image: Image.Image) -> tuple[float, float]:
    """Return which values become black and white: 0 and 1 where all are between, else the lowest and the highest."""
    low, high = np.inf, -np.inf
    for box in tiles(image.size):
        values = np.asarray(image.crop(box)).astype(np.float64)
        finite = values[np.isfinite(values)]
        low, high = float(finite.min(initial=low)), float(finite.max(initial=high))
    return (0.0, 1.0) if low > high or (low >= 0 and high <= 1) else (low, high)


def _stretched(values: npt.NDArray[np.float64], low: float, high: float) -> npt.NDArray[np.uint8]:
    """Return values from lowest to highest as 0 to 255; what is no number becomes black."""
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
