"""Broken and odd image files, and files of kinds that Pillow cannot write, for the tests."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pillow_heif
from PIL import Image

pillow_heif.register_heif_opener()


def picture(width: int = 96, height: int = 64) -> Image.Image:
    """Return a smooth picture with many colors, so that every part of it shows in its file."""
    y, x = np.mgrid[:height, :width] / max(width, height)
    waves = np.stack([np.sin(5 * x + 1), np.cos(4 * y), np.sin(3 * (x + y))], axis=-1)
    return Image.fromarray((waves * 100 + 128).astype(np.uint8))


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    """Return the file of an image."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def png(header: tuple[int, int, int, int], rows: bytes, *, chunks: bytes = b"") -> bytes:
    """Return a PNG of (width, height, bits, color type); each of `rows` begins with its filter, 0."""
    start = png_chunk(b"IHDR", struct.pack(">IIBBBBB", *header, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + start + chunks + png_chunk(b"IDAT", zlib.compress(rows)) + png_chunk(b"IEND", b"")


def png_chunk(kind: bytes, content: bytes) -> bytes:
    """Return one chunk of a PNG."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def psd(channels: np.ndarray, *, mode: int, bits: int = 8, resources: bytes = b"", size: tuple[int, int] | None = None) -> bytes:
    """Return a PSD without layers; `channels` is (c, h, w), mode 1 gray, 3 RGB, 4 CMYK, 9 Lab."""
    height, width = size or channels.shape[1:]
    header = b"8BPS" + struct.pack(">H6xHIIHH", 1, len(channels), height, width, bits, mode)
    return header + struct.pack(">I", 0) + struct.pack(">I", len(resources)) + resources + struct.pack(">IH", 0, 0) + channels.tobytes()


def tiff(tags: dict[int, tuple[int, ...]], content: bytes, *, order: str = "<") -> bytes:
    """Return a TIFF of one raw strip; tags 273 and 279 (where it lies) are added. All values are shorts, 32 bits from 65,536 on."""
    tags = {**tags, 273: (8,), 279: (len(content),)}
    start = 8 + len(content)
    after = start + 2 + 12 * len(tags) + 4
    entries, extra = b"", b""
    for tag, values in sorted(tags.items()):
        kind, code = (4, "I") if max(values) > 65535 else (3, "H")
        value = struct.pack(f"{order}{len(values)}{code}", *values)
        if len(value) > 4:
            extra, value = extra + value, struct.pack(f"{order}I", after + len(extra))
        entries += struct.pack(f"{order}HHI", tag, kind, len(values)) + value.ljust(4, b"\0")
    head = (b"II" if order == "<" else b"MM") + struct.pack(f"{order}HI", 42, start)
    return head + content + struct.pack(f"{order}H", len(tags)) + entries + struct.pack(f"{order}I", 0) + extra


def write_broken_images(folder: Path) -> dict[str, str | None]:
    """Write 35 files; return what the sentence about each must match, None for those that are odd but sound."""
    image = picture()
    frames = [image, image.transpose(Image.Transpose.ROTATE_180)]
    whole = {
        "jpg": encoded(image, "JPEG"),
        "png": encoded(image, "PNG"),
        "webp": encoded(image, "WEBP"),
        "bmp": encoded(image, "BMP"),
        "gif": encoded(image, "GIF"),
        "psd": psd(np.moveaxis(np.asarray(image), -1, 0), mode=3),
        "tif": encoded(image, "TIFF"),
        "heic": encoded(image, "HEIF"),
    }
    huge = {"png": "PNG", "gif": "GIF", "bmp": "BMP", "psd": "PSD", "tif": "TIFF"}
    lzw = encoded(image, "TIFF", compression="tiff_lzw")
    no_image = "a file that is none of JPEG, PNG, WEBP, TIFF, BMP, GIF, PSD, HEIF"
    files: dict[str, tuple[bytes, str | None]] = {
        "empty.jpg": (b"", "an empty file"),
        "one byte.jpg": (b"\xff", no_image),
        "text.jpg": (b"Dear colleague, the scan follows by post.\n", no_image),
        "page.png": (b"<!doctype html><title>404 Not Found</title>", no_image),
        "drawing.png": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', no_image),
        "paper.tif": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", no_image),
        "zeros.png": (bytes(5000), no_image),
        **{f"cut.{suffix}": (whole[suffix][: len(whole[suffix]) * 3 // 5], f"{kind} file that is") for suffix, kind in _KINDS.items()},
        "cut lzw.tif": (lzw[:200] + lzw[-200:], "TIFF file that is"),
        "header only.png": (whole["png"][:33], "PNG file that is"),
        "start and end.jpg": (b"\xff\xd8\xff\xd9", "JPEG file that is damaged"),
        "scrambled.png": (png((96, 64, 8, 2), b"")[:41] + bytes(range(200)), "PNG file that is"),
        "no pixels.png": (png((0, 10, 8, 2), b""), "PNG file that is damaged"),
        "16 bits.psd": (psd(np.zeros((3, 4, 8), np.uint8), mode=3, bits=16), "PSD file that is damaged or of a rare kind"),
        **{f"bomb.{suffix}": (_bombs()[kind], "at most 512,000,000 pixels; got 60,000 x 60,000") for suffix, kind in huge.items()},
        "one pixel.png": (encoded(image.crop((0, 0, 1, 1)), "PNG"), None),
        "wide.png": (encoded(Image.new("RGB", (40_000, 10), "navy"), "PNG"), None),
        "tall.jpg": (encoded(Image.new("RGB", (1, 40_000), "navy"), "JPEG"), None),
        "animated.gif": (encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]), None),
        "animated.webp": (encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:]), None),
        "jpeg called.png": (whole["jpg"], None),
        "png called.jpg": (whole["png"], None),
        "broken profile.jpg": (encoded(image, "JPEG", icc_profile=b"no profile"), None),
        "broken exif.jpg": (encoded(image, "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff"), None),
    }
    for name, (content, _) in files.items():
        (folder / name).write_bytes(content)
    return {name: reason for name, (_, reason) in files.items()}


_KINDS = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP", "bmp": "BMP", "gif": "GIF", "psd": "PSD", "tif": "TIFF", "heic": "HEIF"}


def _bombs() -> dict[str, bytes]:
    """Return small files that claim 60,000 x 60,000 pixels."""
    side = 60_000
    bmp = b"BM" + struct.pack("<IHHI", 54, 0, 0, 54) + struct.pack("<IiiHHIIiiII", 40, side, side, 1, 24, 0, 0, 0, 0, 0, 0)
    gif = b"GIF89a" + struct.pack("<HHBBB", side, side, 0x80, 0, 0) + bytes(6)
    gif += b"," + struct.pack("<HHHHB", 0, 0, side, side, 0) + b"\x02\x02\x44\x01\x00;"
    return {
        "PNG": png((side, side, 8, 2), b"\0"),
        "GIF": gif,
        "BMP": bmp + bytes(100),
        "PSD": psd(np.zeros((3, 1, 1), np.uint8), mode=3, size=(side, side)),
        "TIFF": tiff({256: (side,), 257: (side,), 258: (8, 8, 8), 259: (1,), 262: (2,), 277: (3,), 278: (side,)}, b"\0"),
    }
