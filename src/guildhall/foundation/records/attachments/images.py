"""Images, decoded and written anew: what a camera, a phone or a stranger wrote beside the picture is gone."""

import io
import struct
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from guildhall.foundation.records.attachments.refusals import DamagedFile, TooManyPixels
from guildhall.foundation.records.states import AttachmentKind

MEGAPIXELS: Final = 52
"""A phone's largest photograph; decoded it takes some 150 MB."""
MODES: Final = {
    AttachmentKind.PNG: {"1", "L", "LA", "P", "RGB", "RGBA", "I;16"},
    AttachmentKind.JPEG: {"L", "RGB"},
}
UNREADABLE: Final = (
    UnidentifiedImageError, OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, EOFError, MemoryError,
    ZeroDivisionError, struct.error,
)  # fmt: skip
"""How a decoder says that bytes are no picture."""
Image.MAX_IMAGE_PIXELS = MEGAPIXELS * 1_000_000


def redrawn(data: bytes, kind: AttachmentKind) -> bytes:
    """The picture alone, upright, in the same format: no EXIF, no place, no comment, no second frame, no tail.

    Raises `TooManyPixels` by the size that the head declares, before anything is decoded; `DamagedFile`.
    """
    try:
        with Image.open(io.BytesIO(data), formats=[kind.name]) as found:
            if found.width * found.height > MEGAPIXELS * 1_000_000:
                raise TooManyPixels(most=MEGAPIXELS)
            upright = ImageOps.exif_transpose(found)
            picture = upright if upright.mode in MODES[kind] else upright.convert("RGB")
            return _written(picture, kind)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise TooManyPixels(most=MEGAPIXELS) from None
    except UNREADABLE:
        raise DamagedFile from None


def _written(picture: Image.Image, kind: AttachmentKind) -> bytes:
    kept = io.BytesIO()
    transparent = picture.info.get("transparency")
    picture.info.clear()  # Profiles, texts, EXIF: Pillow would write some of them again.
    match kind:
        case AttachmentKind.PNG:
            options = {} if transparent is None else {"transparency": transparent}
            picture.save(kept, "PNG", **options)
        case _:
            picture.save(kept, "JPEG", quality=92)
    return kept.getvalue()
