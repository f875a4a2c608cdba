"""A page of the documentation as what a reader does with it: commands, files, and what is shown.

CONTRIBUTING.md, "Documents", says how pages write them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

COMMANDS = ("sh", "console")
SHOWN = ("text", "")
"""Languages of blocks that are read, not done."""

_FENCE = re.compile(r"( *)(```+)(\S*)\s*\Z")
_FILE = re.compile(r"`([^`\s]+)`:\Z")
_ADDITION = re.compile(r"\badd\b", re.IGNORECASE)
_SENTENCE_END = re.compile(r"(?<=[.!?]) ")
_MARK = re.compile(r"<!-- (.+?) -->\Z")
PROMPT = "$ "
INTERRUPT = "^C"


@dataclass(frozen=True, kw_only=True)
class Command:
    """A line that is typed, and the lines that the page shows below it; none where it shows nothing.

    ``^C`` is Ctrl-C for what goes on.
    """

    text: str
    line: int
    shown: tuple[str, ...] = ()
    is_interrupted: bool = False
    """The page ends it with Ctrl-C."""


@dataclass(frozen=True, kw_only=True)
class Block:
    """A fenced block.

    Args:
        sentence: The last sentence before it.
        mark: The comment ``<!-- … -->`` between that sentence and the block, without its signs.
    """

    language: str
    lines: tuple[str, ...]
    line: int
    sentence: str = ""
    mark: str = ""

    @property
    def file(self) -> str | None:
        """The file that the block is, or None."""
        found = None if self.language in COMMANDS else _FILE.search(self.sentence)
        return found[1] if found else None

    @property
    def is_addition(self) -> bool:
        """Whether it goes to the end of a file that is there."""
        return _ADDITION.search(self.sentence) is not None

    @property
    def is_run(self) -> bool:
        """Whether something is done with it."""
        return not self.mark.startswith("not run: ") and (self.language in COMMANDS or self.file is not None)

    @property
    def text(self) -> str:
        """Its text, as a file holds it."""
        return "".join(f"{line}\n" for line in self.lines)

    def commands(self) -> Iterator[Command]:
        """The commands, in order. In ``sh`` every line is one; a backslash at the end goes on."""
        is_console = self.language == "console"
        draft: _Draft | None = None
        for number, line in enumerate(self.lines, start=self.line + 1):
            if draft is not None and draft.goes_on:
                draft.typed.append(line)
            elif is_console and line == INTERRUPT and draft is None:
                yield Command(text=INTERRUPT, line=number)
            elif not is_console or line.startswith(PROMPT):
                if draft is not None:
                    yield draft.finish()
                draft = _Draft(number, [line.removeprefix(PROMPT) if is_console else line])
            elif draft is not None:
                draft.shown.append(line)
            else:
                raise ValueError(f"line {number}: a block of console begins with {PROMPT!r}")
        if draft is not None:
            yield draft.finish()


@dataclass
class _Draft:
    line: int
    typed: list[str]
    shown: list[str] = field(default_factory=list)

    @property
    def goes_on(self) -> bool:
        return self.typed[-1].endswith("\\")

    def finish(self) -> Command:
        is_interrupted = self.shown[-1:] == [INTERRUPT]
        shown = self.shown[:-1] if is_interrupted else self.shown
        return Command(
            text="\n".join(self.typed), line=self.line, shown=tuple(shown), is_interrupted=is_interrupted
        )


def read_blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page, in order."""
    blocks: list[Block] = []
    paragraph = mark = before = ""
    lines = iter(enumerate(page.read_text("utf-8").splitlines(), start=1))
    for number, line in lines:
        opening = _FENCE.match(line)
        if opening:
            indent, fence, language = opening.groups()
            inner = tuple(text.removeprefix(indent) for text in _until(lines, indent + fence))
            sentence = _SENTENCE_END.split(paragraph)[-1]
            if not language.startswith("{"):
                blocks.append(
                    Block(language=language, lines=inner, line=number, sentence=sentence, mark=mark)
                )
            paragraph = mark = ""
        elif found := _MARK.match(line.strip()):
            mark = found[1]
        elif line.strip():
            paragraph, mark = f"{paragraph if before.strip() else ''} {line.strip()}", ""
        before = line
    return blocks


def _until(lines: Iterator[tuple[int, str]], fence: str) -> Iterator[str]:
    for _, line in lines:
        if line.rstrip() == fence:
            return
        yield line


def find_difference(shown: tuple[str, ...], output: str) -> str | None:
    """What of a page's output did not come, or None. ``…`` is any text; alone on its line, any lines."""
    wanted = "".join("(?:.*\n)*?" if line.strip() == "…" else f"{_pattern(line)}\n" for line in shown)
    said = "".join(f"{line.rstrip()}\n" for line in output.splitlines())
    if not shown or re.fullmatch(wanted, said):
        return None
    return "the page shows\n" + "\n".join(shown) + f"\nand it said\n{said}"


def _pattern(line: str) -> str:
    return ".*".join(re.escape(part) for part in line.rstrip().split("…"))
