"""The README of a bundle, in plain words, for an inspector who has never seen Lotbook. Pure."""

TEXT = """\
LOTBOOK INSPECTION BUNDLE

What this is
    A copy of part of the audit trail of the log {origin}, made {created_at} with {software}.
    It holds {matches} records: {filter}; positions {first} to {last} of the log.
    It is a true copy: everything below can be checked on any computer, without a network, without
    Lotbook, and without trusting whoever gave it to you.

Read it
    trail.csv      the records as a table, for a spreadsheet. Times are UTC. A cell that could run
                   as a formula begins with an apostrophe.
                   The column “signatures” says, beside each signature and beside what it signed,
                   whether it holds, or is superseded by a later entry (at that position), or is
                   broken and why.
    trail.jsonl    the same records without loss, one JSON object a line.
    blobs/         files that the records name (reports, measured data), each under its SHA-256.
    schemas/       what the fields of each kind of record mean.

Check it
    Install Python 3.9 or newer, open a terminal where this file lies and type

        python3 verify.py THIS-BUNDLE.zip --key 'KEY'

    KEY is the log's public key. Ask the site for it apart from this bundle, on paper or by
    telephone (it also stands in keys.txt, but whoever forged the bundle could have forged that).
    The answer is VERIFIED, or the first position that is wrong and what is wrong with it.

What the check shows
    - No record was altered, added, reordered or backdated after it was sealed: the records' hashes
      lead to a root that the log signed{witnessed}.
    - None is missing. The folder epochs/ holds the entry of every record of the positions above,
      also of those you did not ask for: an entry tells only the kind, the time, the pseudonym of
      the person and a hash. So anybody can count that all records that match are here.
    - Each electronic signature belongs to exactly the content that was signed, and was made with a
      key that its person had enrolled and had not withdrawn. The answer names those that a later
      entry superseded.

What it does not show
    - Records that were written after position {last}, and who the pseudonyms are: ask the site.
    - That what was recorded is true. It shows who recorded it, when, and that it is unchanged.

The formats are public: RFC 6962 (Merkle tree), RFC 8032 (Ed25519), C2SP tlog-checkpoint, signed
notes and tlog-tiles; docs/formats.md of Lotbook describes every file here.
"""


def readme(**facts: object) -> bytes:
    """The text with the bundle's own facts."""
    return TEXT.format(**facts).encode("utf-8")
