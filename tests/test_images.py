"""Images: every kind decodes to the same upright sRGB, everything else is refused in one sentence."""

import io
import os
import pickle
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from benzer_lab import images
from benzer_lab.errors import ImageError, InputError
from benzer_lab.images import decode, encode_thumbnail, upright_rgb
from tests.broken_images import encoded, picture, png, psd, tiff, write_broken_images

PICTURE = picture()
PIXELS = np.asarray(PICTURE)
CHANNELS = np.moveaxis(PIXELS, -1, 0)

EXACT = {
    "png": encoded(PICTURE, "PNG"),
    "bmp": encoded(PICTURE, "BMP"),
    "webp": encoded(PICTURE, "WEBP", lossless=True),
    "tiff": encoded(PICTURE, "TIFF"),
    "tiff lzw": encoded(PICTURE, "TIFF", compression="tiff_lzw"),
    "tiff deflate": encoded(PICTURE, "TIFF", compression="tiff_adobe_deflate"),
    "psd": psd(CHANNELS, mode=3),
}
LOSSY = {
    "jpeg": encoded(PICTURE, "JPEG", quality=95, subsampling=0),
    "jpeg progressive": encoded(PICTURE, "JPEG", quality=95, progressive=True),
    "webp": encoded(PICTURE, "WEBP", quality=95),
    "heic": encoded(PICTURE, "HEIF", quality=95),
    "gif": encoded(PICTURE, "GIF"),
    "tiff jpeg": encoded(PICTURE, "TIFF", compression="jpeg", quality=95),
}


def difference(image: Image.Image, expected: np.ndarray) -> float:
    """Mean absolute difference per channel; shapes must agree."""
    pixels = np.asarray(image).astype(int)
    assert pixels.shape == expected.shape
    return float(np.abs(pixels - expected).mean())


def gray(values: np.ndarray) -> np.ndarray:
    return np.repeat(np.asarray(values)[..., None], 3, axis=-1)


def icc(space: bytes, connection: bytes, tags: dict[bytes, bytes]) -> bytes:
    """An ICC profile, version 2, with the tags given."""
    start, table, content = 132 + 12 * len(tags), b"", b""
    for name, value in tags.items():
        table += name + struct.pack(">II", start + len(content), len(value))
        content += value.ljust(-(-len(value) // 4) * 4, b"\0")
    white = struct.pack(">iii", 63190, 65536, 54061)
    size = start + len(content)
    header = struct.pack(">I4xI", size, 0x02400000) + b"prtr" + space + connection + bytes(12) + b"acsp" + bytes(28) + white
    return header.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + content


def swapped_profile() -> bytes:
    """The profile of sRGB with red and blue exchanged."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile.replace(b"rXYZ", b"xXYZ").replace(b"bXYZ", b"rXYZ").replace(b"xXYZ", b"bXYZ")


RED_IN_LAB = (138, 209, 198)  # the red of sRGB under D50, as profiles count: L* 54.3 of 255 steps, a* 80.8 and b* 69.9 from 128


def ink_profile() -> bytes:
    """A CMYK profile whose cyan ink is a red; magenta and yellow leave no trace."""
    curves = bytes(range(256))
    cloth = np.full((2, 2, 2, 2, 3), (255, 128, 128), np.uint8)
    cloth[1] = RED_IN_LAB
    cloth[..., 1, :] = (0, 128, 128)
    matrix = struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 65536)
    table = b"mft1" + bytes(4) + bytes([4, 3, 2, 0]) + matrix + 4 * curves + cloth.tobytes() + 3 * curves
    return icc(b"CMYK", b"Lab ", {b"A2B0": table})


@pytest.mark.parametrize("data", EXACT.values(), ids=EXACT)
def test_lossless_kinds_keep_every_pixel(data: bytes) -> None:
    assert difference(decode(data), PIXELS) == 0


@pytest.mark.parametrize("data", LOSSY.values(), ids=LOSSY)
def test_lossy_kinds_come_close(data: bytes) -> None:
    assert difference(decode(data), PIXELS) < 4


@pytest.mark.parametrize("data", [*EXACT.values(), *LOSSY.values()], ids=[*EXACT, *(f"lossy {kind}" for kind in LOSSY)])
def test_decode_gives_plain_rgb(data: bytes) -> None:
    image = decode(data)
    assert (type(image), image.mode, image.info) == (Image.Image, "RGB", {})


def test_decode_ignores_the_suffix(tmp_path: Path) -> None:
    (tmp_path / "jpeg.png").write_bytes(LOSSY["jpeg"])
    assert difference(decode(tmp_path / "jpeg.png"), PIXELS) < 4


def test_gray_stays_gray() -> None:
    values = PIXELS[..., 0]
    assert difference(decode(encoded(Image.fromarray(values), "PNG")), gray(values)) == 0


def test_one_bit_becomes_black_and_white() -> None:
    values = PIXELS[..., 0] > 128
    assert difference(decode(encoded(Image.fromarray(values), "PNG")), gray(values * 255)) == 0


def test_palette_gives_its_colors() -> None:
    image = PICTURE.quantize(32)
    assert difference(decode(encoded(image, "PNG")), np.asarray(image.convert("RGB"))) == 0


@pytest.mark.parametrize("kind", ["PNG", "GIF"])
def test_transparent_palette_entry_becomes_white(kind: str) -> None:
    image = Image.new("P", (4, 1))
    image.putpalette([0, 0, 0, 200, 10, 20])
    image.putdata([0, 1, 0, 1])
    assert np.asarray(decode(encoded(image, kind, transparency=0)))[0].tolist() == [[255] * 3, [200, 10, 20]] * 2


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
def test_alpha_is_laid_on_white(kind: str) -> None:
    image = Image.new("RGBA", (8, 8), (200, 0, 100, 128))
    options = {"lossless": True, "exact": True} if kind == "WEBP" else {}
    assert difference(decode(encoded(image, kind, **options)), np.full((8, 8, 3), (227, 127, 177))) < 1


def test_gray_with_alpha_is_laid_on_white() -> None:
    assert decode(encoded(Image.new("LA", (2, 2), (0, 51)), "PNG")).getpixel((0, 0)) == (204, 204, 204)


def test_transparent_color_becomes_white() -> None:
    image = Image.fromarray(np.array([[[1, 2, 3], [9, 9, 9]]], np.uint8))
    assert np.asarray(decode(encoded(image, "PNG", transparency=(1, 2, 3)))).tolist() == [[[255] * 3, [9] * 3]]


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk_without_profile_is_mixed_as_ink(kind: str) -> None:
    inks = {(0, 0, 0, 0): (255, 255, 255), (255, 0, 0, 0): (0, 255, 255), (0, 255, 255, 0): (255, 0, 0), (0, 0, 0, 255): (0, 0, 0)}
    for ink, color in inks.items():
        assert difference(decode(encoded(Image.new("CMYK", (16, 16), ink), kind)), np.full((16, 16, 3), color)) < 3


def test_cmyk_psd_is_mixed_as_ink() -> None:
    stored = np.full((4, 2, 2), 255, np.uint8)  # PSD stores 255 for no ink
    stored[0] = 0
    assert decode(psd(stored, mode=4)).getpixel((0, 0)) == (0, 255, 255)


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk_profile_decides_the_color(kind: str) -> None:
    image = Image.new("CMYK", (16, 16), (255, 0, 0, 0))
    assert difference(decode(encoded(image, kind, icc_profile=ink_profile())), np.full((16, 16, 3), (255, 0, 0))) < 6


def test_profile_is_converted_to_srgb() -> None:
    image = Image.new("RGB", (8, 8), (255, 0, 0))
    assert difference(decode(encoded(image, "PNG", icc_profile=swapped_profile())), np.full((8, 8, 3), (0, 0, 255))) < 2


def test_profile_is_converted_under_alpha() -> None:
    image = Image.new("RGBA", (8, 8), (255, 0, 0, 128))
    assert difference(decode(encoded(image, "PNG", icc_profile=swapped_profile())), np.full((8, 8, 3), (127, 127, 255))) < 2


def test_profile_of_a_psd_is_converted() -> None:
    profile = swapped_profile()
    resource = b"8BIM" + struct.pack(">HHI", 1039, 0, len(profile)) + profile
    channels = np.zeros((3, 2, 2), np.uint8)
    channels[0] = 255
    assert difference(decode(psd(channels, mode=3, resources=resource)), np.full((2, 2, 3), (0, 0, 255))) < 2


def test_profile_of_gray_is_converted() -> None:
    linear = icc(b"GRAY", b"XYZ ", {b"wtpt": b"XYZ \0\0\0\0" + struct.pack(">iii", 63190, 65536, 54061), b"kTRC": b"curv" + bytes(8)})
    # Half the light, 128 of 255, is 188 in sRGB
    assert difference(decode(encoded(Image.new("L", (4, 4), 128), "PNG", icc_profile=linear)), np.full((4, 4, 3), 188)) < 2


@pytest.mark.parametrize("profile", [b"no profile", ink_profile(), swapped_profile()[:200]], ids=["no profile", "of inks", "cut short"])
def test_profile_that_does_not_fit_is_ignored(profile: bytes) -> None:
    assert difference(decode(encoded(PICTURE, "PNG", icc_profile=profile)), PIXELS) == 0


def test_lab_is_converted_to_srgb() -> None:
    image = Image.new("LAB", (4, 4), RED_IN_LAB)
    assert difference(decode(encoded(image, "TIFF")), np.full((4, 4, 3), (255, 0, 0))) < 6
    channels = np.ones((3, 4, 4), np.uint8) * np.array(RED_IN_LAB, np.uint8)[:, None, None]
    assert difference(decode(psd(channels, mode=9)), np.full((4, 4, 3), (255, 0, 0))) < 6


DEEP = np.linspace(0, 65535, 64 * 48).astype(np.uint16).reshape(48, 64)


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_gray_of_16_bits_is_scaled(kind: str) -> None:
    assert difference(decode(encoded(Image.fromarray(DEEP), kind)), gray(DEEP / 257)) < 0.5


@pytest.mark.parametrize("order", "<>")
def test_gray_tiff_of_16_bits_is_scaled_in_both_byte_orders(order: str) -> None:
    tags = {256: (64,), 257: (48,), 258: (16,), 259: (1,), 262: (1,), 277: (1,), 278: (48,)}
    assert difference(decode(tiff(tags, DEEP.astype(f"{order}u2").tobytes(), order=order)), gray(DEEP / 257)) < 0.5


def test_gray_tiff_whose_white_is_zero_is_turned_over() -> None:
    tags = {256: (64,), 257: (48,), 258: (16,), 259: (1,), 262: (0,), 277: (1,), 278: (48,)}
    assert difference(decode(tiff(tags, DEEP.astype("<u2").tobytes())), gray(255 - DEEP / 257)) < 0.5


def test_gray_tiff_of_12_bits_is_scaled() -> None:
    tags = {256: (2,), 257: (1,), 258: (12,), 259: (1,), 262: (1,), 277: (1,), 278: (1,)}
    assert np.asarray(decode(tiff(tags, bytes([0xFF, 0xF8, 0x00]))))[0, :, 0].tolist() == [255, 128]


@pytest.mark.parametrize("order", "<>")
def test_rgb_tiff_of_16_bits_is_scaled(order: str) -> None:
    tags = {256: (96,), 257: (64,), 258: (16, 16, 16), 259: (1,), 262: (2,), 277: (3,), 278: (64,)}
    assert difference(decode(tiff(tags, (PIXELS * 257.0).astype(f"{order}u2").tobytes(), order=order)), PIXELS) == 0


@pytest.mark.parametrize(("color", "channels"), [(2, 3), (6, 4)], ids=["rgb", "rgba"])
def test_rgb_png_of_16_bits_is_scaled(color: int, channels: int) -> None:
    pixels = np.full((64, 96, channels), 255, np.uint8)
    pixels[..., :3] = PIXELS
    rows = b"".join(b"\0" + row.tobytes() for row in (pixels * 257.0).astype(">u2"))
    assert difference(decode(png((96, 64, 16, color), rows)), PIXELS) == 0


def test_floats_from_0_to_1_are_black_to_white() -> None:
    values = np.array([[0.25, 0.5], [0.75, np.nan]], np.float32)
    assert np.asarray(decode(encoded(Image.fromarray(values), "TIFF")))[..., 0].tolist() == [[64, 128], [191, 0]]


@pytest.mark.parametrize("kind", [np.float32, np.int32])
def test_other_deep_values_are_stretched_from_lowest_to_highest(kind: type) -> None:
    values = np.array([[-1000, 0], [500, 1000]], kind)
    assert np.asarray(decode(encoded(Image.fromarray(values), "TIFF")))[..., 0].tolist() == [[0, 128], [191, 255]]


def test_first_page_and_first_frame_are_taken() -> None:
    second = Image.new("RGB", PICTURE.size, "red")
    assert difference(decode(encoded(PICTURE, "TIFF", save_all=True, append_images=[second])), PIXELS) == 0
    for kind in ("GIF", "WEBP", "HEIF"):
        assert difference(decode(encoded(PICTURE, kind, save_all=True, append_images=[second])), PIXELS) < 5
    assert difference(decode(encoded(PICTURE, "MPO", save_all=True, append_images=[second])), PIXELS) < 5


UNDO = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "HEIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_applied(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    lying = PICTURE if orientation == 1 else PICTURE.transpose(UNDO[orientation])
    # As bytes, so that the writer of HEIC makes of it the rotation that counts in HEIC
    assert difference(decode(encoded(lying, kind, exif=exif.tobytes() if kind == "HEIF" else exif)), PIXELS) < 5


def test_exif_orientation_of_heic_does_not_count() -> None:
    # ISO/IEC 23000-22: only the rotation property turns the image
    exif = Image.Exif()
    exif[0x0112] = 6
    assert decode(encoded(PICTURE, "HEIF", exif=exif)).size == (96, 64)


@pytest.mark.parametrize("target", [None, 40])
def test_orientation_is_applied_to_a_reduced_image(target: int | None) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert decode(encoded(picture(400, 200), "JPEG", exif=exif), target=target).size == ((200, 400) if target is None else (50, 100))


LARGE = picture(801, 603)


MODES = {"JPEG": "L RGB CMYK", "PNG": "L RGB RGBA P", "WEBP": "RGB RGBA", "TIFF": "L RGB RGBA P CMYK", "GIF": "L P", "HEIF": "L RGB"}


@pytest.mark.parametrize(("kind", "mode"), [(kind, mode) for kind, modes in MODES.items() for mode in modes.split()])
def test_reduced_decode_equals_full_decode(kind: str, mode: str) -> None:
    data = encoded(LARGE.convert(mode), kind)
    small = decode(data, target=100)
    assert 100 <= min(small.size) < 200
    assert difference(small, np.asarray(decode(data).resize(small.size, Image.Resampling.BOX)).astype(int)) < 2.5


def test_reduced_decode_of_16_bits_equals_full_decode() -> None:
    data = encoded(Image.fromarray(np.asarray(LARGE.convert("L")).astype(np.uint16) * 257), "PNG")
    small = decode(data, target=100)
    assert difference(small, np.asarray(decode(data).resize(small.size, Image.Resampling.BOX)).astype(int)) < 2


@pytest.mark.parametrize(
    "data",
    [
        encoded(LARGE.convert("1"), "PNG"),
        encoded(LARGE.quantize(16), "PNG", transparency=3),
        encoded(LARGE.convert("RGBA"), "PNG"),
        encoded(Image.fromarray(np.asarray(LARGE.convert("L")).astype(np.uint16) * 257), "PNG"),
        encoded(Image.fromarray(np.asarray(LARGE.convert("L")).astype(np.float32) - 50), "TIFF"),
    ],
    ids=["one bit", "palette", "alpha", "16 bits", "floats"],
)
@pytest.mark.parametrize("target", [None, 100])
def test_tiles_do_not_show(data: bytes, target: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = decode(data, target=target)
    monkeypatch.setattr(images, "TILE", 37)
    np.testing.assert_array_equal(np.asarray(decode(data, target=target)), np.asarray(whole))


# In a process of its own: the peak of this one is that of the tests before
PEAK = """
import sys
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from benzer_lab.images import decode

data = Path(sys.argv[1]).read_bytes()
decode(Path(sys.argv[2]), target=224)
before = getrusage(RUSAGE_SELF).ru_maxrss
decode(data, target=224)
print((getrusage(RUSAGE_SELF).ru_maxrss - before) // 1000)
"""


@pytest.mark.parametrize(
    ("data", "megabytes"),
    [
        (png((16_000, 16_000, 1, 0), bytes(16_000 * 2001)), 250),  # 374 when all of it was made gray first
        (encoded(Image.new("F", (3000, 3000)), "TIFF"), 150),  # 304 when all of it was made float64
    ],
    ids=["one bit", "floats"],
)
def test_a_large_image_takes_little_more_than_its_pixels(data: bytes, megabytes: int, tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(data)
    (tmp_path / "small").write_bytes(EXACT["png"])
    command = [sys.executable, "-c", PEAK, str(tmp_path / "large"), str(tmp_path / "small")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert int(done.stdout) < megabytes


def test_an_image_opened_by_a_caller_stays_as_it_is(tmp_path: Path) -> None:
    turned = Image.Exif()
    turned[0x0112] = 6
    (tmp_path / "a.jpg").write_bytes(encoded(LARGE, "JPEG", exif=turned))
    with Image.open(tmp_path / "a.jpg") as image:
        upright = upright_rgb(image, 100)
        assert (image.size, dict(image.getexif())) == (LARGE.size, {274: 6})
    assert 100 <= upright.width < upright.height
    whole = picture()
    upright_rgb(whole).putpixel((0, 0), (1, 2, 3))
    assert whole == picture()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF"])
def test_a_lazily_opened_image_that_is_cut_short_is_refused_in_one_sentence(kind: str) -> None:
    data = encoded(picture(300, 200), kind)
    image = Image.open(io.BytesIO(data[: len(data) * 3 // 5]))
    with pytest.raises(ImageError, match=rf"^find_similar: image must be an image that can be read; got a {kind} file that is .*\.$"):
        upright_rgb(image, 224, caller="find_similar")


def test_decode_never_enlarges() -> None:
    assert decode(EXACT["png"], target=1000).size == (96, 64)


def test_decode_keeps_the_shorter_side_of_a_ribbon() -> None:
    assert decode(encoded(Image.new("RGB", (40_000, 20)), "PNG"), target=10).size == (20_000, 10)


def test_broken_images_are_refused_in_one_sentence_each(tmp_path: Path) -> None:
    for name, reason in write_broken_images(tmp_path).items():
        if reason is None:
            assert decode(tmp_path / name).mode == "RGB"
        else:
            with pytest.raises(ImageError, match=f"^decode: {name!r} must .*{reason}.*\\. [A-Z].*\\.$"):
                decode(tmp_path / name, name=name)


@pytest.mark.parametrize("data", [*EXACT.values(), *LOSSY.values()], ids=[*EXACT, *(f"lossy {kind}" for kind in LOSSY)])
def test_too_many_pixels_are_refused(data: bytes) -> None:
    with pytest.raises(ImageError, match=r"at most 6,000 pixels; got 96 x 64\. Make it smaller, or raise max_pixels\.$"):
        decode(data, max_pixels=6000)


def test_bomb_is_refused_before_it_is_decoded() -> None:
    bomb = encoded(Image.new("L", (4000, 4000)), "PNG")
    assert len(bomb) < 20_000
    with pytest.raises(ImageError, match=r"at most 15,999,999 pixels; got 4,000 x 4,000"):
        decode(bomb, max_pixels=15_999_999)


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "JPEG", "PSD"])
def test_bound_is_ours_and_not_that_of_the_process(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = EXACT["psd"] if kind == "PSD" else encoded(PICTURE, kind)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    assert decode(data).size == (96, 64)


def test_too_many_bytes_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(EXACT["png"])
    for source in (EXACT["png"], tmp_path / "a.png"):
        with pytest.raises(ImageError, match=r"must have at most 100 bytes; got [\d,]+\. Make it smaller, or raise max_bytes\.$"):
            decode(source, max_bytes=100)


def test_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        ImageError, match=r"missing\.png' must be an image that can be read; got no file of this name\. Check where it lies\.$"
    ):
        decode(tmp_path / "missing.png")


def test_path_with_a_zero_byte_is_refused() -> None:
    with pytest.raises(ImageError, match=r"got a file that cannot be read \(embedded null byte\)\. Check its name and the disk\.$"):
        decode(Path("a\0.png"))


def test_folders_and_pipes_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    for path in (tmp_path, tmp_path / "pipe.png"):
        with pytest.raises(ImageError, match=r"got a folder, pipe or device\. Name a file\.$"):
            decode(path)


# Becomes nobody only after its imports: nobody may not be allowed to read the library
AS_NOBODY = """
import os, pwd, sys
from pathlib import Path
from benzer_lab.errors import ImageError
from benzer_lab.images import decode

path = Path(sys.argv[1])
decode(path)
nobody = pwd.getpwnam("nobody")
os.setgroups([])
os.setegid(nobody.pw_gid)
os.seteuid(nobody.pw_uid)
try:
    decode(path)
except ImageError as error:
    print(error)
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become nobody")
def test_file_without_permission_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "private.png"
    path.write_bytes(EXACT["png"])
    path.chmod(0o600)
    child = subprocess.run([sys.executable, "-c", AS_NOBODY, str(path)], capture_output=True, text=True, check=True)
    assert child.stdout.endswith(
        "private.png' must be an image that can be read; got a file that this user may not read. Give read permission.\n"
    )


def test_errors_name_what_was_given() -> None:
    with pytest.raises(ImageError, match=r"^decode: 'the image' must"):
        decode(b"")
    with pytest.raises(ImageError, match=r"^decode: 'D-1\.png' must"):
        decode(b"", name="D-1.png")


def test_decode_refuses_a_name_in_place_of_a_path() -> None:
    with pytest.raises(InputError, match=r"^decode: source must be bytes or a Path; got str\.$"):
        decode("a.png")  # type: ignore[arg-type]


@pytest.mark.parametrize("target", [0, -1, 1.5, "128"])
def test_decode_refuses_a_target_that_is_no_size(target: object) -> None:
    with pytest.raises(InputError, match=r"^decode: target must be a whole number of 1 or more"):
        decode(EXACT["png"], target=target)  # type: ignore[arg-type]


def test_decoded_images_can_be_pickled() -> None:
    assert difference(pickle.loads(pickle.dumps(decode(LOSSY["jpeg"]))), PIXELS) < 4


def test_thumbnail_has_the_size_asked_for() -> None:
    assert Image.open(io.BytesIO(encode_thumbnail(LARGE, 256))).size == (256, 193)


def test_thumbnail_looks_like_the_image() -> None:
    small = decode(encode_thumbnail(LARGE, 256))
    assert difference(small, np.asarray(LARGE.resize((256, 193), Image.Resampling.LANCZOS))) < 3


@pytest.mark.parametrize(("width", "size"), [(1, (1, 1)), (40_000, (256, 1))])
def test_thumbnail_of_extreme_shapes(width: int, size: tuple[int, int]) -> None:
    assert decode(encode_thumbnail(Image.new("RGB", (width, 1)), 256)).size == size


def test_thumbnail_is_never_enlarged_and_carries_no_metadata() -> None:
    exif = Image.Exif()
    exif[0x010E] = "a secret"
    image = Image.open(io.BytesIO(encoded(PICTURE, "JPEG", exif=exif, icc_profile=swapped_profile())))
    thumbnail = encode_thumbnail(image, 1000)
    assert Image.open(io.BytesIO(thumbnail)).size == (96, 64)
    assert not any(chunk in thumbnail for chunk in (b"EXIF", b"ICCP", b"XMP ", b"secret"))


def test_thumbnail_leaves_the_image_as_it_is() -> None:
    image = LARGE.copy()
    encode_thumbnail(image, 64)
    assert (image.size, image.tobytes() == LARGE.tobytes()) == ((801, 603), True)


def test_thumbnail_refuses_size_zero() -> None:
    with pytest.raises(InputError, match=r"^encode_thumbnail: size must be a whole number of 1 or more; got 0\.$"):
        encode_thumbnail(PICTURE, 0)


def read_or_refused(data: bytes) -> bool:
    """True where the bytes are read or refused as they must be: anything else raised fails the test."""
    try:
        return decode(data, target=16, max_pixels=1_000_000).mode == "RGB"
    except ImageError as error:
        return str(error).startswith("decode: 'the image' must ") and str(error).endswith(".")


SMALL = picture(24, 16)
SEEDS = [
    *(encoded(SMALL, kind) for kind in ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "HEIF")),
    encoded(SMALL, "TIFF", compression="tiff_lzw"),
    encoded(SMALL, "TIFF", compression="jpeg"),
    encoded(SMALL, "JPEG", icc_profile=swapped_profile(), exif=b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"),
    encoded(SMALL, "PNG", icc_profile=swapped_profile()),
    encoded(SMALL.quantize(8), "PNG", transparency=1),
    encoded(SMALL, "MPO", save_all=True, append_images=[SMALL]),
    encoded(Image.fromarray(DEEP[:16, :24]), "PNG"),
    encoded(Image.fromarray(DEEP[:16, :24].astype(np.float32)), "TIFF"),
    encoded(SMALL.convert("CMYK"), "JPEG", icc_profile=ink_profile()),
    psd(np.moveaxis(np.asarray(SMALL), -1, 0), mode=3),
]
SIGNATURES = [data[:16] for data in SEEDS]


@pytest.mark.filterwarnings("ignore")  # Pillow warns of broken metadata
@given(start=st.sampled_from([b"", *SIGNATURES]), rest=st.binary(max_size=300))
@settings(deadline=None, max_examples=300)
def test_random_bytes_are_read_or_refused(start: bytes, rest: bytes) -> None:
    assert read_or_refused(start + rest)


@pytest.mark.filterwarnings("ignore")  # Pillow warns of broken metadata
@given(seed=st.sampled_from(SEEDS), changes=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=8), kept=st.floats(0, 1))
@settings(deadline=None, max_examples=600)
def test_damaged_files_are_read_or_refused(seed: bytes, changes: list[tuple[float, int]], kept: float) -> None:
    data = bytearray(seed)
    for place, value in changes:
        # Squared, because the header is where damage does the most
        data[int(place**2 * (len(data) - 1))] = value
    assert read_or_refused(bytes(data[: int(len(data) * min(1, 2 * kept))]))
