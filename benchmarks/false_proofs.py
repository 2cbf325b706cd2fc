"""How often a verdict on a drawn claim is false, and how often there is none.

    python benchmarks/false_proofs.py [N] [FIRST SEED]

The claims are right ones in other shapes and wrong ones whose fault is a point, a narrow or far range, one integer, one
branch, or an inverse function; mpmath is the referee. Printed are all false verdicts with their seeds.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from drawn_claims import judged  # type: ignore[import-not-found]


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    verdicts: Counter[tuple[str, str]] = Counter()
    false: Counter[str] = Counter()
    start = time.perf_counter()
    for seed in range(first, first + count):
        began = time.perf_counter()
        try:
            drawn, check, faults = judged(seed)
        except Exception as error:  # no claim may end in one
            false["exception"] += 1
            print(f"seed {seed}: {error!r}"[:200], flush=True)
            continue
        verdicts[drawn.kind, check.verdict.value] += 1
        took = time.perf_counter() - began
        for fault in faults:
            false[fault.split(":")[0]] += 1
            print(f"seed {seed}: {fault}: {drawn.formula} | {drawn.claim} | {drawn.kind}", flush=True)
        if (seed - first) % 100 == 99:
            print(f"{seed - first + 1} claims, {sum(false.values())} false", flush=True)
        if took > 8:
            print(f"seed {seed}: {took:.1f} s: {drawn.formula} | {drawn.claim}", flush=True)
    for kind in sorted({kind for kind, _ in verdicts}):
        counts = {verdict: n for (k, verdict), n in sorted(verdicts.items()) if k == kind}
        print(f"{kind:12}", ", ".join(f"{verdict} {n}" for verdict, n in counts.items()))
    open_ones = sum(n for (_, verdict), n in verdicts.items() if verdict in ("undecided", "agrees"))
    print(f"{count} claims, {time.perf_counter() - start:.0f} s; false: {dict(false) or 0}; "
          f"neither proved nor refuted {open_ones / count:.1%}")  # fmt: skip


if __name__ == "__main__":
    main()
