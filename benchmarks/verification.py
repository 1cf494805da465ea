"""Full verification of the live database, recomputed from the bytes."""

import time

from benchmarks.figures import Figure
from ledger.audit import audit


def figures(vendor: str) -> list[Figure]:
    """Entries a second on one core: reading and hashing everything; signatures apart."""
    start = time.process_time()
    report = audit()
    used = time.process_time() - start
    if not report.verified:
        raise RuntimeError(f"The log does not verify: {report.first()}")
    hashing = report.entries / max(report.hashing_seconds, 1e-9)
    return [
        Figure(f"verify_hashing_{vendor}", hashing, 40_000, unit="/s"),
        Figure(f"verify_all_with_reading_{vendor}", report.entries / used, unit="/s"),
        Figure(f"verify_signatures_{vendor}", report.signature_seconds, unit="s"),
    ]
