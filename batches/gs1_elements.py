"""What a GS1 application identifier holds: its field, its parts and their checks. Pure.

Prices, coupons, bank accounts and package types are on nothing that comes into a cleanroom: a
symbol that carries one of them is refused by name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from batches.gs1_linters import LINTERS, cset39, cset64, cset82, digits

_PART = re.compile(r"(\[?)([NXYZ])(\.\.)?([0-9]+)\]?((?::[a-z0-9]+)*)")
_ALPHABET = {"N": digits, "X": cset82, "Y": cset39, "Z": cset64}


@dataclass(frozen=True, slots=True)
class Part:
    """One part of an element: its alphabet, how long it may be, and its linters."""

    alphabet: str
    least: int
    most: int
    optional: bool
    linters: tuple[str, ...]

    def holds(self, text: str) -> bool:
        return (
            self.least <= len(text) <= self.most
            and _ALPHABET[self.alphabet](text)
            and all(LINTERS[name](text) for name in self.linters)
        )


@dataclass(frozen=True, slots=True)
class Element:
    """An application identifier: the name of its field here, and what may stand in it.

    `fixed`: its length is known without a separator (GS1 General Specifications, figure 7.8.5-2).
    """

    ai: str
    field: str
    parts: tuple[Part, ...]
    fixed: bool = False
    personal: bool = False

    @property
    def most(self) -> int:
        return sum(part.most for part in self.parts)

    def holds(self, text: str) -> bool:
        """Whether a text is what this identifier asks for, part by part."""
        rest = text
        for part in self.parts:
            if not rest and part.optional:
                continue
            piece, rest = rest[: part.most], rest[part.most :]
            if not part.holds(piece):
                return False
        return text != "" and rest == ""


def _element(ai: str, field: str, layout: str) -> Element:
    fixed, personal = layout.startswith("="), layout.startswith("!")
    parts = []
    for word in layout.lstrip("=!").split():
        found = _PART.fullmatch(word)
        assert found is not None, f"{ai}: {word}"  # noqa: S101 - a slip in the table below
        length = int(found[4])
        least = 1 if found[3] else length
        linters = tuple(found[5].split(":")[1:])
        parts.append(Part(found[2], least, length, bool(found[1]), linters))
    return Element(ai, field, tuple(parts), fixed, personal)


# Identifier, field here, layout: "=" fixed length, "!" says who a person is; N digits, X and Y the
# alphabets of 82 and 39 characters, Z base64; ".." up to; "[]" may be absent; ":" a linter.
_TABLE = """
00 sscc =N18:csum
01 gtin =N14:csum
02 content_gtin =N14:csum
03 made_to_order_gtin =N14:csum
10 lot X..20
11 produced =N6:yymmd0
12 due =N6:yymmd0
13 packed =N6:yymmd0
15 best_before =N6:yymmd0
16 sell_by =N6:yymmd0
17 expiry =N6:yymmd0
20 variant =N2
21 serial X..20
22 consumer_variant X..20
235 third_party_serial X..28
240 additional_id X..30
241 customer_part X..30
242 made_to_order_variant N..6
243 packaging_component X..20
250 secondary_serial X..30
251 source_entity X..30
253 document_type N13:csum [X..17]
254 location_extension X..20
255 coupon_number N13:csum [N..12]
30 variable_count N..8
37 count N..8
400 order_number X..30
401 consignment X..30
402 shipment N17:csum
403 routing X..30
410 ship_to =N13:csum
411 bill_to =N13:csum
412 purchased_from =N13:csum
413 ship_for =N13:csum
414 location =N13:csum
415 pay_to =N13:csum
416 made_at =N13:csum
417 party =N13:csum
420 postal_code X..20
421 country_postal_code N3:iso3166 X..9
422 origin N3:iso3166
423 first_processed N3:iso3166 [N3]:iso3166 [N3]:iso3166 [N3]:iso3166 [N3]:iso3166
424 processed N3:iso3166
425 disassembled N3:iso3166 [N3]:iso3166 [N3]:iso3166 [N3]:iso3166 [N3]:iso3166
426 fully_processed N3:iso3166
427 origin_subdivision X..3
4307 ship_to_country X2:iso3166alpha2
4308 ship_to_phone !X..30
4309 ship_to_place N10:latitude N10:longitude
4317 return_to_country X2:iso3166alpha2
4319 return_to_phone !X..30
4320 service X..35:pcenc
4321 dangerous_goods N1:yesno
4322 may_be_left N1:yesno
4323 signature_needed N1:yesno
4324 not_before N6:yymmd0 N4:hhmi
4325 not_after N6:yymmd0 N4:hhmi
4326 released N6:yymmdd
4330 warmest_f N6 [X1]:hyphen
4331 warmest_c N6 [X1]:hyphen
4332 coldest_f N6 [X1]:hyphen
4333 coldest_c N6 [X1]:hyphen
7001 nato_stock N13
7003 expiry_time N6:yymmdd N4:hhmi
7004 potency N..4
7006 first_frozen N6:yymmdd
7007 harvested N6:yymmdd [N6]:yymmdd
7011 test_by N6:yymmdd [N4]:hhmi
7020 refurbished_lot X..20
7021 functional_status X..20
7022 revision_status X..20
7023 assembly X..30
7040 unique_identification N1 X1 X1 X1:importeridx
710 pzn X..20
711 cip X..20
712 cn X..20
713 drn X..20
714 aim X..20
715 ndc X..20
716 aic X..20
717 srn X..20
7240 protocol X..20
7241 media N2:mediatype
7242 version_control X..25
7250 birth_date !N8:yyyymmdd
7251 birth_time !N8:yyyymmdd N4:hhmi
7258 birth_sequence !X3:posinseqslash
7253 family_name !X..40:pcenc
7254 given_name !X..40:pcenc
7255 name_suffix !X..10
7256 full_name !X..90:pcenc
7257 address !X..70:pcenc
7259 baby_name !X..40:pcenc
8001 dimensions N4:nonzero N5:nonzero N3:nonzero N1:winding N1
8002 telephone X..20
8003 returnable_asset N1:zero N13:csum [X..16]
8004 asset X..30
8006 piece N14:csum N4:pieceoftotal
8008 produced_time N6:yymmdd N2:hh [N2]:mi [N2]:ss
8010 part Y..30
8011 part_serial N..12:nozeroprefix
8012 software_version X..20
8013 model X..25:csumalpha
8014 device_group X..25:csumalpha:hasnondigit
8017 provider N18:csum
8018 recipient N18:csum
8019 service_instance N..10
8020 payment_reference X..25
8026 content_piece N14:csum N4:pieceoftotal
8030 signature Z..90
8111 loyalty_points N4
8200 address_of_product X..70
90 internal_90 X..30
"""
_MEASURES = {"310": "net_weight_kg", "315": "net_volume_l", "330": "gross_weight_kg"}


def _known() -> dict[str, Element]:
    lines = (line.split(" ", 2) for line in _TABLE.strip().splitlines())
    made = [_element(*line) for line in lines]
    made += [_element(str(ai), f"internal_{ai}", "X..90") for ai in range(91, 100)]
    made += [_element(str(ai), f"certificate_{ai - 7229}", "X2 X..28") for ai in range(7230, 7240)]
    made += [_element(str(ai), f"processor_{ai - 7030}", "N3:iso3166999 X..27") for ai in
             range(7030, 7040)]  # fmt: skip
    places = range(10)
    made += [_element(f"390{n}", "amount", "N..15") for n in places]
    kinds = [*range(310, 317), *range(320, 338), *range(340, 358), *range(360, 370)]
    for kind in kinds:
        field = _MEASURES.get(str(kind), f"measure_{kind}")
        made += [_element(f"{kind}{n}", field, "=N6") for n in places[:6]]
    return {element.ai: element for element in made}


ELEMENTS = _known()


def element_of(text: str) -> Element | None:
    """The element whose identifier a text begins with; no identifier begins another."""
    return next((ELEMENTS[text[:n]] for n in (2, 3, 4) if text[:n] in ELEMENTS), None)
