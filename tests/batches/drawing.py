"""Symbols as pictures, for what reads them back."""

import io

from batches import symbols


def png(text: str, kind: str = symbols.DATA_MATRIX, *, scale: int = 4) -> bytes:
    """The symbol of a text; `scale` is how many pixels one module is wide."""
    import zxingcpp
    from PIL import Image

    made = zxingcpp.write_barcode_to_image(symbols.barcode(text, kind), scale=scale)
    height, width = made.shape
    out = io.BytesIO()
    Image.frombytes("L", (width, height), memoryview(made).tobytes()).save(out, "PNG")
    return out.getvalue()
