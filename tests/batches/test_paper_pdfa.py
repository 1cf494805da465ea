"""What PDF/A-3a asks of a sealed print, as far as a library can look: ISO 19005-3, by its clauses.

No validator of the standard runs here: what each test looks at is named in its docstring.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

import pikepdf
import pytest

from batches import contingency_commands, queries
from tests.batches.conftest import work_up_to
from tests.batches.test_paper import (
    AT,
    WHY,
    own_seal,
    printed,
    record_of,
    shown,
    text_of,
    worked,
)

__all__ = ["own_seal", "worked"]
# ISO 32000-1, 14.8.4: the structure types that need no role to be known.
STANDARD = {
    f"/{name}"
    for name in re.findall(
        r"\w+",
        "Document Part Art Sect Div BlockQuote Caption TOC TOCI Index NonStruct Private P H H1 H2 "
        "H3 H4 H5 H6 L LI Lbl LBody Table TR TH TD THead TBody TFoot Span Quote Note Reference "
        "BibEntry Code Link Annot Ruby Warichu Figure Formula Form",
    )
}
SHOWS = {"Tj", "TJ", "'", '"', "Do", "S", "f", "f*", "B", "B*", "sh"}
PRINT, HIDDEN_WAYS = 4, 1 | 2 | 32 | 256  # flags of an annotation: invisible, hidden, no view ...


@pytest.fixture(params=["record", "paper"])
def sealed(request: pytest.FixtureRequest, batch: str, own_seal: None) -> Iterator[pikepdf.Pdf]:
    """The two prints that are sealed: the batch record, and sheets for work on paper."""
    if request.param == "record":
        pdf, _made = printed(request.getfixturevalue("worked"))
    else:
        work_up_to(2)
        line = queries.batch(batch)
        pdf, _facts = contingency_commands.printed(line, copy=1, person="D", reason=WHY, at=AT)
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        yield opened


def streams(opened: pikepdf.Pdf, kind: str) -> list[Any]:
    return [o for o in opened.objects if isinstance(o, pikepdf.Object) and _type(o) == kind]


def _type(found: Any) -> str:
    is_dictionary = isinstance(found, (pikepdf.Dictionary, pikepdf.Stream))
    return str(found.get("/Type", "")) if is_dictionary else ""


def test_r18_it_says_that_it_is_pdf_a_3a_and_is_open_to_anybody(sealed: pikepdf.Pdf) -> None:
    """6.1 and 6.6: the version is identified in its metadata, the file has an identifier, is not
    encrypted, names its language, runs nothing and asks for nothing outside."""
    with sealed.open_metadata() as told:
        assert (told["pdfaid:part"], told["pdfaid:conformance"]) == ("3", "A")
        assert told["dc:title"] and told["xmp:CreateDate"]
    assert len(sealed.trailer.ID) == 2 and not sealed.is_encrypted
    assert str(sealed.Root.Lang) == "en"
    assert not {"/OpenAction", "/AA", "/Requirements"} & set(sealed.Root.keys())
    assert "/JavaScript" not in sealed.Root.Names
    assert streams(sealed, "/Action") == []


def test_r18_every_mark_on_a_page_is_tagged_or_an_artifact(sealed: pikepdf.Pdf) -> None:
    """6.7: whatever a page shows stands inside marked content; each piece has its place in the
    structure tree, under a type that is standard or has a role."""
    root = sealed.Root
    assert root.MarkInfo.Marked
    numbers = root.StructTreeRoot.ParentTree
    for page in sealed.pages:
        owners = list(pikepdf.NumberTree(numbers)[int(page.StructParents)])
        marked = list(_marked(page))
        assert marked and all(tag for tag, _mcid in marked), "something is shown outside of tags"
        tagged = {mcid for tag, mcid in marked if mcid is not None}
        assert all(tag == "/Artifact" for tag, mcid in marked if mcid is None)
        assert tagged and tagged <= set(range(len(owners)))
    roles = {str(name) for name in root.StructTreeRoot.get("/RoleMap", {})}
    found = {str(one.S) for one in _elements(root.StructTreeRoot)}
    assert found <= STANDARD | roles
    assert {"/Document", "/H1", "/Table", "/TR", "/TH", "/TD"} <= found


def _marked(page: Any) -> Iterator[tuple[str, int | None]]:
    """The tag and number of the content in which each mark of a page stands; a span of text inside
    it, which only says how it reads, has none of its own."""
    within: list[tuple[str, int | None]] = []
    for operands, operator in pikepdf.parse_content_stream(page):
        if str(operator) == "BDC":
            told = operands[1]
            mcid = told.get("/MCID") if isinstance(told, pikepdf.Dictionary) else None
            within.append((str(operands[0]), None if mcid is None else int(mcid)))
        elif str(operator) == "BMC":
            within.append((str(operands[0]), None))
        elif str(operator) == "EMC":
            within.pop()
        elif str(operator) in SHOWS:
            own = [one for one in within if one[1] is not None or one[0] == "/Artifact"]
            yield own[-1] if own else ("", None)


def _elements(node: Any) -> Iterator[Any]:
    kids = node.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield kid
            yield from _elements(kid)


def test_r18_every_font_is_inside_and_every_glyph_has_its_character(sealed: pikepdf.Pdf) -> None:
    """6.2.11: each font of the file has its program embedded, and a map to Unicode."""
    fonts = streams(sealed, "/Font")
    whole = [font for font in fonts if "/DescendantFonts" in font or "/FontDescriptor" in font]
    assert whole and len(whole) == len(fonts)
    for font in whole:
        described = (font.DescendantFonts[0] if "/DescendantFonts" in font else font).FontDescriptor
        assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(described.keys())
        assert "/DescendantFonts" not in font or "/ToUnicode" in font


def test_r18_colours_are_those_of_a_profile_that_is_inside(sealed: pikepdf.Pdf) -> None:
    """6.2.3 and 6.2.4: the output intent brings its profile, of three colours; no page asks for
    four inks, which the intent says nothing about."""
    (intent,) = sealed.Root.OutputIntents
    assert str(intent.S) == "/GTS_PDFA1" and int(intent.DestOutputProfile.N) == 3
    assert intent.DestOutputProfile.read_bytes()[36:40] == b"acsp"
    for page in sealed.pages:
        asked = {str(operator) for _operands, operator in pikepdf.parse_content_stream(page)}
        assert not asked & {"k", "K"}


def test_r18_each_file_inside_says_what_it_is_to_the_record(sealed: pikepdf.Pdf) -> None:
    """6.8: each embedded file has both names, its type, a date and its relationship, and is
    associated with the document; none is there that is not."""
    told = {str(one.UF): one for one in sealed.Root.AF}
    assert set(told) == set(sealed.attachments.keys()) >= {"record.json"}
    for one in told.values():
        assert str(one.F) == str(one.UF) and str(one.Desc)
        assert str(one.AFRelationship) in ("/Source", "/Data", "/Supplement", "/Alternative")
        assert re.fullmatch(r"/\w+/[\w.+-]+", str(one.EF.F.Subtype))
        assert str(one.EF.F.Params.ModDate).startswith("D:20261123180000")
        assert int(one.EF.F.Params.Size) == len(one.EF.F.read_bytes())


def test_r18_the_seal_hides_nothing_and_allows_no_change(sealed: pikepdf.Pdf) -> None:
    """6.3 and 6.4: the only annotation is the seal's, printed and not hidden; no form asks a reader
    to draw it; the certification allows no change."""
    annotations = [one for page in sealed.pages for one in page.get("/Annots", [])]
    links = [one for one in annotations if str(one.Subtype) != "/Widget"]
    (seal,) = (one for one in annotations if str(one.Subtype) == "/Widget")
    assert links == []
    assert int(seal.F) & PRINT and not int(seal.F) & HIDDEN_WAYS
    assert [str(one.T) for one in sealed.Root.AcroForm.Fields] == [str(seal.T)]
    assert not sealed.Root.AcroForm.get("/NeedAppearances", False)
    assert int(sealed.Root.Perms.DocMDP.Reference[0].TransformParams.P) == 1


def test_r6_r18_each_page_has_its_number_and_the_manifest_stands_in_print(worked: str) -> None:
    """Given a sealed print, then page x of y stands on each page x, and every signature of the
    manifest with its name, meaning and whether it holds."""
    pdf, made = printed(worked)
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert len(opened.pages) == made.pages > 1
        for number, page in enumerate(opened.pages, start=1):
            flat = "".join("".join(shown(page)).split())
            assert f"{number}/{made.pages}" in flat, number
            assert f"{number + 1}/{made.pages}" not in flat
    flat = "".join(text_of(pdf).replace("\u200b", "").split())
    manifest = record_of(worked)["annex"][0]
    assert "".join(manifest["title"].split()) in flat and len(manifest["rows"]) == 8
    for row in manifest["rows"]:
        for cell in row:
            assert "".join(cell.split()) in flat, cell
