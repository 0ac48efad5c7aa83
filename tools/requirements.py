"""Print which numbered requirements a test proves, fully or in part, and which none does."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent / "tests"

# How many requirements each capability has; their texts are in the project's requirements document.
COUNTS = {
    "A": 32, "B": 19, "C": 13, "D": 9, "E": 13, "F": 8, "G": 3, "H": 7, "I": 4, "J": 5, "K": 6, "L": 10, "M": 40,
    "N": 10, "O": 13, "P": 19, "Q": 9, "R": 5, "S": 5, "T": 11, "U": 19,
}  # fmt: skip
IDS = [f"{letter}{number:02d}" for letter, count in COUNTS.items() for number in range(1, count + 1)]


def marks(tests: Path = TESTS) -> Iterator[tuple[Path, str, bool]]:
    """Yield file, requirement id and whether the whole of it is proven, for every `req` mark."""
    for path in sorted(tests.glob("**/*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("mark.req"):
                for argument in node.args:
                    yield path, ast.literal_eval(argument), not node.keywords


def main() -> int:
    """Print the table; fail if a mark names no requirement."""
    full = {name for _, name, whole in marks() if whole}
    part = {name for _, name, whole in marks() if not whole} - full
    for letter in COUNTS:
        mine = [name for name in IDS if name[0] == letter]
        shown = " ".join(name if name in full else f"({name})" for name in mine if name in full | part)
        print(f"{letter}  {len(full & set(mine)):3} full {len(part & set(mine)):3} part of {len(mine):3}   {shown}")
    none = len(IDS) - len(full) - len(part)
    print(f"\n{len(IDS)} requirements: {len(full)} full, {len(part)} in part, {none} none")
    unknown = sorted((full | part) - set(IDS))
    if unknown:
        print(f"no such requirement: {', '.join(unknown)}", file=sys.stderr)
    return 1 if unknown else 0


if __name__ == "__main__":
    sys.exit(main())
