"""The log's own signing keys as files: which one signs now, and which one comes next."""

import logging
import os
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from ledger import keys as key_files
from ledger.keys import KeyFileRefused, SigningKey
from ledger.verify import ED25519, ML_DSA_44

say = logging.getLogger(__name__)


class Keyring:
    """The keys that sign checkpoints: Ed25519 first, ML-DSA-44 beside it where there is one.

    The log itself says which key signs: its first entry and every later change of the key are
    events. The ring follows them, and refuses to sign with another key than the log names.
    """

    def __init__(self, path: Path, *, second: Path | None = None) -> None:
        self.path = Path(path)
        self.second = second
        self._named: str | None = None
        self._second_named: str | None = None
        self._keys = key_files.read_keys(self.path)
        if second is not None:
            self._keys += key_files.read_keys(second)
        self._keys.sort(key=lambda key: key.kind)
        if self._keys[0].kind != ED25519:
            raise KeyFileRefused(f"The key file {path} holds no Ed25519 key.")

    @classmethod
    def from_settings(cls, *, fresh: bool = False) -> "Keyring":
        """This installation's keys. A log that was never sealed gets a new one (`fresh`)."""
        path = Path(settings.LOTBOOK_CHECKPOINT_KEY)
        second = settings.LOTBOOK_CHECKPOINT_KEY_MLDSA
        if fresh and not path.exists():
            key_files.write_keys(path, [key_files.generate(settings.LOTBOOK_ORIGIN)])
            say.warning("Made the log's signing key %s. Keep a copy of it in a safe.", path)
        return cls(path, second=Path(second) if second else None)

    @property
    def next_path(self) -> Path:
        """Where the key waits that signs after the current one."""
        return self.path.with_name(self.path.name + ".next")

    @property
    def vkey(self) -> str:
        """The Ed25519 key that signs now, as text."""
        return self._keys[0].vkey

    def signers(self) -> list[SigningKey]:
        """The keys that sign now; refused while the log names a key that is not here."""
        if self._named not in (None, self.vkey) and not self._take_next():
            raise KeyFileRefused(
                f"The log says that {self._named} signs it, but {self.path} holds {self.vkey}."
                f" Put the right key file there, or at {self.next_path}. Nothing is signed."
            )
        if self._named is not None:
            self._check_second()
        return self._keys

    def is_ready(self, vkey: str) -> bool:
        """Whether a person has prepared this key here; another sealer may have taken it already."""
        for path in (self.next_path, self.path):
            if path.exists() and any(
                key.kind == ED25519 and key.vkey == vkey for key in key_files.read_keys(path)
            ):
                return True
        return False

    def former(self) -> list[SigningKey]:
        """The keys that signed before and are kept beside the one that signs."""
        kept = sorted(self.path.parent.glob(f"{self.path.name}." + "[0-9a-f]" * 8))
        return [key for path in kept for key in key_files.read_keys(path)]

    def _check_second(self) -> None:
        """An epoch names its second key, or none, in its first entry and never another."""
        here = next((key.vkey for key in self._keys if key.kind == ML_DSA_44), None)
        if here == self._second_named:
            return
        if self._second_named is None:
            raise KeyFileRefused(
                "This epoch of the log names no second key, so nobody could check what"
                f" {self.second} signs. Unset LOTBOOK_CHECKPOINT_KEY_MLDSA until the next epoch."
            )
        raise KeyFileRefused(
            f"This epoch of the log is also signed by {self._second_named}. Point"
            " LOTBOOK_CHECKPOINT_KEY_MLDSA at that key's file. Nothing is signed."
        )

    def follow(self, vkey: str, *, second: str | None) -> None:
        """The log names the keys that sign from now on."""
        self._named, self._second_named = vkey, second
        self.signers()

    def _take_next(self) -> bool:
        """Put the waiting key file in the place of the current one, if it is the key named."""
        if not self.next_path.exists():
            return False
        waiting = Keyring(self.next_path, second=self.second)
        if waiting.vkey != self._named:
            return False
        kept = self.path.with_name(f"{self.path.name}.{self._keys[0].verifier.id.hex()}")
        with suppress(FileExistsError):  # an attempt that was cut short has kept it
            os.link(self.path, kept)
        os.replace(self.next_path, self.path)  # so that a crash never leaves the log without a key
        self._keys = waiting.signers()
        say.warning("The log's signing key is now %s; the old one is in %s.", self.vkey, kept)
        return True
