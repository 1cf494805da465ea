"""What nobody means to send, and the forms it is typed into; the same in every run."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from random import Random

WORDS = (
    "", " ", "0", "-1", "+", "1e999", "NaN", "Infinity", "1,5", "1.2.3", "٣٧", "\uff10", "1" * 400,
    "99999999999999999999", "0x1F", "true", "null", "None", "[]", "{}", "' OR 1=1 --", "{batch}",
    "%s%n", "<script>alert(1)</script>", "&amp;", "\\", "../../etc/passwd", "x" * 3000,
    "é" * 200, "e\u0301", "😀 cells", "a\u202eb", "\u200b", "\x07", "line\r\nline", "\ttab",
    "CT-0421", "CT-9999", "MBR-019", "s-K4T7W2Q9", "p-marta2", "L-000001", "CF-01", "C-12",
    "2026-11-23", "2026-13-45", "23.11.2026", "0001-01-01", "9999-12-31T23:59:59Z",
    "2026-11-23T10:00:00+25:00", "12:61", "\x1d01095060001343521012345", "]d2010950600013435",
    "It was read again, twice", "37.0", "37", "yes", "on",
)  # fmt: skip


@dataclass
class Form:
    """A form as a page shows it: where it is sent, and what it asks."""

    action: str = ""
    method: str = "get"
    fields: dict[str, str] = field(default_factory=dict)  # what stands in it
    typed: set[str] = field(default_factory=set)  # fields into which a person types
    choices: dict[str, list[str]] = field(default_factory=dict)
    files: set[str] = field(default_factory=set)

    def filled(self, dice: Random) -> dict[str, str]:
        """What somebody sends who has never seen a laboratory."""
        sent = dict(self.fields)
        for name in self.typed:
            if not name.startswith("signing_"):
                sent[name] = dice.choice(WORDS)
        for name, offered in self.choices.items():
            sent[name] = dice.choice([*offered, *dice.sample(WORDS, 2)])
        if dice.random() < 0.1 and sent:
            sent.pop(dice.choice(sorted(sent)))
        return sent


class _Forms(HTMLParser):
    def __init__(self, address: str) -> None:
        super().__init__()
        self.address, self.found = address, []
        self.form: Form | None = None
        self.select = self.area = ""

    def handle_starttag(self, tag: str, pairs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in pairs}
        if tag == "form":
            method = given.get("method", "get").lower()
            self.form = Form(given.get("action") or self.address, method)
        elif self.form is not None:
            self._field(self.form, tag, given)

    def _field(self, form: Form, tag: str, given: dict[str, str]) -> None:
        name = given.get("name", "")
        if tag == "option" and self.select:
            form.choices[self.select].append(given.get("value", ""))
        elif not name:
            return
        elif tag == "select":
            self.select, form.choices[name] = name, []
        elif tag == "textarea":
            form.typed.add(name)
            form.fields[name] = ""
        elif tag == "button":
            form.choices.setdefault(name, []).append(given.get("value", ""))
        elif tag == "input":
            self._input(form, name, given)

    def _input(self, form: Form, name: str, given: dict[str, str]) -> None:
        kind, value = given.get("type", "text"), given.get("value", "")
        if kind == "file":
            form.files.add(name)
        elif kind in ("radio", "checkbox"):
            form.choices.setdefault(name, []).append(value or "on")
        else:
            form.fields[name] = value
            if kind not in ("hidden", "password", "submit"):
                form.typed.add(name)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self.form is not None:
            self.found.append(self.form)
            self.form = None
        elif tag == "select":
            self.select = ""


def forms(page: str, address: str) -> list[Form]:
    """The forms of a page that are sent by POST."""
    parser = _Forms(address)
    parser.feed(page)
    return [form for form in parser.found if form.method == "post"]
