"""A zip that is the same bytes for the same contents, and knows the hash of each of its files."""

import hashlib
import json
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO

_EPOCH = (1980, 1, 1, 0, 0, 0)  # a fixed date: the zip tells nothing but its contents
_LEVEL = 3  # two thirds of the entries are hashes: harder compression costs time for nothing


class BundleWriter:
    """Writes files one after the other, without holding any of them in memory."""

    def __init__(self, out: Path | BinaryIO) -> None:
        self._zip = zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL)
        self.files: dict[str, str] = {}

    def add(self, name: str, content: bytes | Iterable[bytes]) -> None:
        """Write one file, given whole or in pieces."""
        pieces = (content,) if isinstance(content, bytes) else content
        digest = hashlib.sha256()
        with self._zip.open(_info(name), "w", force_zip64=True) as member:
            for piece in pieces:
                digest.update(piece)
                member.write(piece)
        self.files[name] = digest.hexdigest()

    def close(self, manifest: dict[str, Any]) -> None:
        """Write the manifest, which names every other file's hash, and finish the zip."""
        text = json.dumps({**manifest, "files": self.files}, indent=1, sort_keys=True)
        with self._zip.open(_info("manifest.json"), "w") as member:
            member.write(text.encode() + b"\n")
        self._zip.close()


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _EPOCH)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.create_system = 3
    info.external_attr = 0o644 << 16
    return info
