"""Prints the figures of a comparison as outputs of a step; the file is what `promptc diff --format json` wrote."""

import json
import sys
from pathlib import Path

found = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
estimate = found["estimate"]
stale = [case for case in found["cases"] if case["recording"]["now"] not in {None, "fresh"}]
figures = {
    "changed": str(found["changed"]).lower(),
    "cases": len(found["cases"]),
    "stale": len(stale) + len(found["elsewhere"]),
    "requests": estimate["requests"],
    "cost": "" if estimate["dollars"] is None else f"{estimate['dollars']:.4f}",
}
sys.stdout.write("".join(f"{name}={value}\n" for name, value in figures.items()))
