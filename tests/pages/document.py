"""A page as a tree, with what every page owes its readers: names, labels, order, a safe policy."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "link", "input", "br", "hr", "img", "path", "circle", "source"}


@dataclass
class Element:
    """One element with its attributes, children and text."""

    tag: str
    attrs: dict[str, str]
    children: list["Element"] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def every(self, *tags: str) -> Iterator["Element"]:
        """The elements of these tags within, in order."""
        for child in self.children:
            if not tags or child.tag in tags:
                yield child
            yield from child.every(*tags)

    @property
    def text(self) -> str:
        """All text within, as read aloud."""
        inside = "".join(child.text for child in self.children)
        return "".join(self.texts) + inside


class Document(HTMLParser):
    """Parses a page; an unclosed or wrongly closed element fails."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("#root", {})
        self.open = [self.root]
        self.feed(html)
        assert [one.tag for one in self.open] == ["#root"], f"left open: {self.open[-1].tag}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        made = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(made)
        if tag not in VOID:
            self.open.append(made)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        made = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(made)

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].texts.append(data)


def faults(html: str) -> list[str]:
    """What is wrong with a page for a reader with a keyboard or a screen reader, or for the CSP."""
    root = Document(html).root
    found = [*_frame(root), *_names(root), *_labels(root), *_policy(root)]
    return found


def _frame(root: Element) -> Iterator[str]:
    (page,) = root.every("html")
    if not page.attrs.get("lang"):
        yield "the page names no language"
    titles = [one.text.strip() for one in root.every("title")]
    if len([t for t in titles if t]) != 1:
        yield f"titles: {titles}"
    levels = [int(one.tag[1]) for one in root.every("h1", "h2", "h3", "h4")]
    if levels.count(1) != 1:
        yield f"{levels.count(1)} headings of the first level"
    for before, after in zip([1, *levels], levels, strict=False):
        if after > before + 1:
            yield f"a heading jumps from level {before} to {after}"
    if len(list(root.every("main"))) != 1:
        yield "not exactly one main part"
    ids = [one.attrs["id"] for one in root.every() if "id" in one.attrs]
    yield from (f"id {one} twice" for one in set(ids) if ids.count(one) > 1)


def _names(root: Element) -> Iterator[str]:
    for one in root.every("a", "button", "summary"):
        if not (one.text.strip() or one.attrs.get("aria-label") or "hidden" in one.attrs):
            yield f"a {one.tag} without a name: {one.attrs}"
    for one in root.every("nav", "aside"):
        if not (one.attrs.get("aria-label") or one.attrs.get("aria-labelledby")):
            yield f"a {one.tag} without a name"
    for one in root.every("table"):
        if not list(one.every("th")):
            yield "a table without headings"
    ids = {one.attrs["id"] for one in root.every() if "id" in one.attrs}
    for one in root.every():
        for name in ("aria-labelledby", "aria-describedby"):
            for wanted in one.attrs.get(name, "").split():
                if wanted not in ids:
                    yield f"{name} points at {wanted}, which is not there"


def _labels(root: Element) -> Iterator[str]:
    labelled = {one.attrs.get("for") for one in root.every("label") if one.text.strip()}
    for one in root.every("input", "select", "textarea"):
        if one.attrs.get("type") in {"hidden", "submit"}:
            continue
        if one.attrs.get("id") not in labelled and not one.attrs.get("aria-label"):
            yield f"a field without a label: {one.attrs.get('name')}"


def _policy(root: Element) -> Iterator[str]:
    for one in root.every():
        if "style" in one.attrs or one.tag == "style":
            yield f"an inline style on {one.tag}"
        if any(name.startswith("on") for name in one.attrs):
            yield f"an inline handler on {one.tag}"
        if one.tag == "script" and "src" not in one.attrs:
            yield "an inline script"
