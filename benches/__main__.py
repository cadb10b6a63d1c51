"""Run every `bench_*.py` here, print one table, and write benches/results/latest.json.

A bench module has `measure() -> list[dict]`, rows of name, size, ours, reference and ratio (seconds, and reference /
ours), and `REFERENCE`, a sentence that says what it is measured beside. Name modules to run only those:
`python -m benches science`.
"""

import importlib
import json
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def main(chosen: list[str]) -> None:
    """Measure, print, write."""
    rows: list[dict[str, Any]] = []
    for path in sorted(HERE.glob("bench_*.py")):
        if chosen and path.stem.removeprefix("bench_") not in chosen:
            continue
        module = importlib.import_module(f"benches.{path.stem}")
        found = module.measure()
        rows += found
        _print_table(path.stem, module.REFERENCE, found)
    target = HERE / "results" / "latest.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(f"\nwritten to {target}")


def _print_table(name: str, reference: str, rows: list[dict[str, Any]]) -> None:
    print(f"\n{name}: beside {reference}\n")
    print(f"{'name':<58}{'size':>8}{'ours':>12}{'reference':>12}{'ratio':>9}")
    for row in rows:
        times = f"{row['ours']:>12.4g}{row['reference']:>12.4g}{row['ratio']:>9.3g}"
        print(f"{row['name']:<58}{row['size']:>8}{times}")


if __name__ == "__main__":
    main(sys.argv[1:])
