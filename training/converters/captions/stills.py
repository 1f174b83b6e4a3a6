"""Reads still pictures to the pixels an image backbone wants, as open_clip's own preprocessing does. Knows no backbone.

Still pictures are no media that the service takes (`app.media` refuses them), so they are read with Pillow, which
torchvision brings along.
"""

import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from app.errors import PictureTooLarge, UnreadableMedia

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP")
# A crop keeps the middle of the long side only; what lies further out than this need not be scaled.
_LARGEST_OVERHANG = 8
_FAULTS = (OSError, SyntaxError, ValueError, EOFError, struct.error, Image.DecompressionBombError)


def read_still(
    path: Path, *, width: int, height: int, fit: Literal["stretch", "crop"], max_pixels: int
) -> NDArray[np.uint8]:
    """RGB of shape (height, width, 3), upright; "crop" scales the shorter side and takes the centre. Bicubic.

    Raises UnreadableMedia and PictureTooLarge.
    """
    with _faults_named(), Image.open(path, formats=FORMATS) as opened:
        if opened.width * opened.height > max_pixels:
            raise PictureTooLarge(width=opened.width, height=opened.height, limit_pixels=max_pixels)
        picture = ImageOps.exif_transpose(opened).convert("RGB")
        if fit == "crop":
            picture = _scaled(_without_far_ends(picture), width, height)
            left, top = round((picture.width - width) / 2), round((picture.height - height) / 2)
            picture = picture.crop((left, top, left + width, top + height))
        else:
            picture = picture.resize((width, height), Image.Resampling.BICUBIC)
        return np.asarray(picture, np.uint8).copy()


@contextmanager
def _faults_named() -> Iterator[None]:
    try:
        with warnings.catch_warnings():
            # Pillow warns of odd metadata, and of sizes that are checked here.
            warnings.simplefilter("ignore")
            yield
    except _FAULTS as error:
        raise UnreadableMedia(reason=f"it is no picture that can be decoded ({error})") from error


def _without_far_ends(picture: Image.Image) -> Image.Image:
    across = min(picture.width, _LARGEST_OVERHANG * picture.height)
    down = min(picture.height, _LARGEST_OVERHANG * picture.width)
    if (across, down) == picture.size:
        return picture
    left, top = (picture.width - across) // 2, (picture.height - down) // 2
    return picture.crop((left, top, left + across, top + down))


def _scaled(picture: Image.Image, width: int, height: int) -> Image.Image:
    """As torchvision's Resize: the shorter side exact, the longer one rounded down."""
    if picture.width * height <= picture.height * width:
        size = width, max(height, int(width * picture.height / picture.width))
    else:
        size = max(width, int(height * picture.width / picture.height)), height
    return picture.resize(size, Image.Resampling.BICUBIC)
