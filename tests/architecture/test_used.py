"""Nothing stands in the product that nothing uses."""

import ast
import re
from collections import Counter
from collections.abc import Iterator

from tests.architecture.tree import ROOMS, ROOT, room_files

# What Django, its REST framework, gunicorn and http.server call by these names.
CALLED = {
    "authenticate_header", "compress", "decompress", "get_cache_key", "get_readonly_fields",
    "get_security_definition", "handle_no_permission", "has_add_permission",
    "has_change_permission", "has_delete_permission", "has_module_perms", "has_perms",
    "load_config", "log_message", "post_worker_init", "process_exception", "value_from_datadict",
}  # fmt: skip
WORD = re.compile(r"\w+")


def test_every_function_of_a_room_is_named_somewhere_else() -> None:
    """Given each function that registers itself nowhere, then another line of the product names
    it; what only tests or benchmarks use stands with them."""
    said: Counter[str] = Counter()
    pages = (path for room in (*ROOMS, "templates") for path in (ROOT / room).rglob("*.html"))
    for path in [ROOT / "manage.py", *room_files(), *pages]:
        said.update(WORD.findall(path.read_text("utf-8")))
    unused = {name for name in _functions() if said[name] == 1}
    assert unused - CALLED == set()


def _functions() -> Iterator[str]:
    for path in room_files():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.FunctionDef) or node.decorator_list:
                continue
            if not node.name.startswith(("__", "clean_")):
                yield node.name
