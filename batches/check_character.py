"""The check character of ISO/IEC 7064 mod 37-2, through python-stdnum: any one wrong letter shows.

It is no aggregate: it leans on a library, and on nothing else.
"""

from __future__ import annotations

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"


def check_value(body: str) -> int:
    """The value, 0 to 36, that the check character of a text of digits and capitals has."""
    return ALPHABET.index(check_character(body))


def check_character(body: str) -> str:
    """The check character to be written behind a text of digits and capitals; 36 reads as `*`.

    Source: ISO/IEC 7064:2003, pure system mod 37-2.
    """
    from stdnum.iso7064 import mod_37_2

    return str(mod_37_2.calc_check_digit(body, ALPHABET))


def is_checked(text: str) -> bool:
    """Whether a text ends in its own check character."""
    if len(text) < 2 or any(letter not in ALPHABET for letter in text):
        return False
    return check_character(text[:-1]) == text[-1]
