"""`make bench`: all benches, one after the other; `make bench ARGS="chaos --sessions 100"`: one, with its options."""

from __future__ import annotations

import subprocess
import sys

BENCHES = ("waiting", "working", "receiving", "reading", "month", "chaos")


def main() -> int:
    chosen, options = sys.argv[1:2], sys.argv[2:]
    if chosen and chosen[0] not in BENCHES:
        print(f"there are: {', '.join(BENCHES)}")
        return 2
    codes = [subprocess.call([sys.executable, "-m", f"bench.{name}", *options]) for name in chosen or BENCHES]
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
