"""Symbols as pictures and GS1 data as a symbol carries it, for what reads them back."""

import io
from collections.abc import Iterable

from batches import symbols
from batches.gs1 import FNC1, Held


def png(text: str, kind: str = symbols.DATA_MATRIX, *, scale: int = 4) -> bytes:
    """The symbol of a text; `scale` is how many pixels one module is wide."""
    import zxingcpp
    from PIL import Image

    made = zxingcpp.write_barcode_to_image(symbols.barcode(text, kind), scale=scale)
    height, width = made.shape
    out = io.BytesIO()
    Image.frombytes("L", (width, height), memoryview(made).tobytes()).save(out, "PNG")
    return out.getvalue()


def data_of(held: Iterable[Held]) -> str:
    """The data as a symbol carries it: begins with FNC1, separated where it must be."""
    text, open_end = "", True
    for each in held:
        text += (FNC1 if open_end else "") + each.element.ai + each.value
        open_end = not each.element.fixed
    return text
