"""Photographs and masks of any size are read from disk, or refused in one line that names the file."""

import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from inference.canonical import CanonicalError
from inference.photographs import PhotographError, Square, centred_square, largest_square, read_pair


@pytest.fixture
def portrait(tmp_path):
    """A photograph of 300 x 400 pixels."""
    path = tmp_path / "portrait.png"
    Image.fromarray(np.random.default_rng(2).integers(0, 256, (400, 300, 3), dtype=np.uint8)).save(path)
    return path


@pytest.fixture
def masked(tmp_path):
    """Writes a mask of this size, white in the box (left, top, right, bottom)."""

    def write(size, box, name="mask.png", **options):
        mask = Image.new("L", size)
        mask.paste(255, box)
        mask.save(tmp_path / name, **options)
        return tmp_path / name

    return write


def test_a_mask_as_large_as_the_photograph_is_cut_with_it(portrait, masked):
    pair = read_pair(portrait, masked((300, 400), (100, 200, 200, 260)))
    assert pair.square == Square(0, 50, 300)
    rows, columns = np.nonzero(pair.hole)
    assert (columns.min(), rows.min()) == (round(100 * 256 / 300), round(150 * 256 / 300))
    assert pair.crop.shape == (256, 256, 3)


def test_a_mask_drawn_on_the_square_crop_is_taken_as_it_is(portrait, masked):
    pair = read_pair(portrait, masked((256, 256), (10, 20, 60, 90)))
    assert pair.square == Square(0, 50, 300)
    assert pair.hole[20:90, 10:60].all()
    assert pair.hole.sum() == 70 * 50


def test_a_chosen_square_is_used(portrait, masked):
    pair = read_pair(portrait, masked((300, 400), (100, 300, 200, 360)), Square(20, 140, 256))
    assert pair.hole[160:220, 80:180].all()
    assert np.array_equal(pair.crop, np.asarray(Image.open(portrait))[140:396, 20:276])


def test_the_square_moves_to_a_hole_near_the_end_of_the_photograph(portrait, masked):
    pair = read_pair(portrait, masked((300, 400), (100, 350, 200, 390)))
    assert pair.square == Square(0, 90, 300)


@pytest.mark.parametrize(
    ("hole", "left"), [((0, 10), 0), ((60, 70), 60), ((120, 140), 100), ((390, 400), 200), ((110, 290), 100)]
)
def test_the_square_moves_no_further_than_it_must(hole, left):
    mask = np.zeros((200, 400), dtype=bool)
    mask[50:60, slice(*hole)] = True
    assert largest_square(mask) == Square(left, 0, 200)


def test_a_hole_longer_than_any_square_is_refused(portrait, masked):
    with pytest.raises(CanonicalError, match="the hole is 350 pixels long and the largest square 300"):
        read_pair(portrait, masked((300, 400), (100, 20, 110, 370)))


def test_without_a_reason_the_square_is_in_the_middle():
    assert centred_square(401, 200) == Square(100, 0, 200)


def test_photograph_and_mask_are_turned_as_the_camera_says(tmp_path, masked):
    photo = Image.fromarray(np.random.default_rng(2).integers(0, 256, (256, 300, 3), dtype=np.uint8))
    exif = photo.getexif()
    exif[0x0112] = 3
    photo.save(tmp_path / "turned.png", exif=exif)
    pair = read_pair(tmp_path / "turned.png", masked((300, 256), (22, 0, 32, 256)))
    assert np.array_equal(pair.crop, np.rot90(np.asarray(photo), 2)[:, 22:278])


@pytest.mark.parametrize("size", [(400, 300), (512, 512), (1, 1)])
def test_a_mask_of_another_size_is_refused(portrait, masked, size):
    with pytest.raises(
        PhotographError, match=rf"mask\.png is {size[0]} x {size[1]}: a mask for portrait\.png is 300 x 400"
    ):
        read_pair(portrait, masked(size, (0, 0, 1, 1)))


def test_an_empty_mask_is_refused(portrait, masked):
    with pytest.raises(CanonicalError, match="the mask is empty"):
        read_pair(portrait, masked((300, 400), (0, 0, 0, 0)))


def test_a_mask_beside_the_chosen_square_is_refused(portrait, masked):
    with pytest.raises(CanonicalError, match="the mask is empty within the square"):
        read_pair(portrait, masked((300, 400), (0, 0, 50, 50)), Square(100, 100, 200))


def test_a_mask_that_covers_everything_is_refused(portrait, masked):
    with pytest.raises(CanonicalError, match="covers the whole square"):
        read_pair(portrait, masked((256, 256), (0, 0, 256, 256)))


@pytest.mark.parametrize("content", [b"", b"no picture", b"%PDF-1.7", b"<svg xmlns='http://www.w3.org/2000/svg'/>"])
def test_a_file_that_is_no_picture_is_refused(tmp_path, masked, content):
    (tmp_path / "photo.jpg").write_bytes(content)
    with pytest.raises(PhotographError, match=r"photo\.jpg is not a picture of a kind we read: JPEG, PNG, TIFF"):
        read_pair(tmp_path / "photo.jpg", masked((256, 256), (0, 0, 9, 9)))


def test_a_gif_is_not_read(tmp_path, masked):
    Image.new("RGB", (256, 256)).save(tmp_path / "photo.gif")
    with pytest.raises(PhotographError, match=r"photo\.gif is not a picture of a kind we read"):
        read_pair(tmp_path / "photo.gif", masked((256, 256), (0, 0, 9, 9)))


def test_a_picture_that_was_cut_off_is_refused(portrait, masked):
    portrait.write_bytes(portrait.read_bytes()[:20_000])
    with pytest.raises(PhotographError, match=r"portrait\.png is damaged"):
        read_pair(portrait, masked((256, 256), (0, 0, 9, 9)))


def test_a_missing_photograph_is_named(tmp_path, masked):
    with pytest.raises(PhotographError, match=r"nowhere\.jpg cannot be read: No such file"):
        read_pair(tmp_path / "nowhere.jpg", masked((256, 256), (0, 0, 9, 9)))


def test_a_folder_is_no_photograph(tmp_path, masked):
    with pytest.raises(PhotographError, match="cannot be read: Is a directory"):
        read_pair(tmp_path, masked((256, 256), (0, 0, 9, 9)))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("width", "height"), [(6000, 4001), (13_000, 13_000), (65_535, 65_535)])
def test_a_decompression_bomb_is_refused_by_its_header(tmp_path, masked, width, height):
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(9))) + chunk(b"IEND", b"")
    (tmp_path / "bomb.png").write_bytes(bomb)
    with pytest.raises(PhotographError, match=r"bomb\.png has more than 24 megapixels"):
        read_pair(tmp_path / "bomb.png", masked((256, 256), (0, 0, 9, 9)))


def test_sixteen_bits_are_refused(tmp_path, masked):
    Image.new("I;16", (256, 256)).save(tmp_path / "deep.png")
    with pytest.raises(CanonicalError, match="more than 8 bits a channel"):
        read_pair(tmp_path / "deep.png", masked((256, 256), (0, 0, 9, 9)))
