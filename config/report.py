"""Collects what is wrong with a TOML file, each mistake with its line."""

from __future__ import annotations

from config.problems import Problem, Severity
from config.toml_lines import Lines, Path


class Report:
    """Problems by place. What stands at or below a place that is broken already is not told twice."""

    def __init__(self, source: str, lines: Lines) -> None:
        self._source = source
        self._lines = lines
        self._problems: list[Problem] = []
        self._broken: set[Path] = set()

    def add(self, path: Path, message: str, fix: str = "", *, severity: Severity = Severity.ERROR) -> None:
        if any(path[:length] in self._broken for length in range(1, len(path) + 1)):
            return
        line = self._lines.of(path)
        self._problems.append(Problem(dotted(path), message, fix, self._source, line, severity=severity))

    def broken(self, path: Path) -> None:
        """Nothing more can be said of this place."""
        self._broken.add(path)

    def problems(self) -> tuple[Problem, ...]:
        """In the order of the file."""
        return tuple(sorted(self._problems, key=lambda problem: (problem.line or 0, problem.where)))


def dotted(path: Path) -> str:
    """The place as people write it, such as `routes[0].session.include[2]`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")
