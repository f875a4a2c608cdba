"""How pages are read, and what a difference between a page and a program is."""

from pathlib import Path

import pytest
from document import Command, find_difference, read_blocks

PAGE = """\
# A page

Type this, and it answers:

```console
$ shopdb import a.csv \\
    --update
3 rows
$ shopdb serve
ShopDB answers
^C
```

Write
`plugins/a/plugin.py`:

```python
X = 1
```

It is not `other.py`. Add to `shopdb.toml`:

```toml
debug = true
```

<!-- fails -->
```sh
shopdb check
```

<!-- not run: it is yours -->
```sh
reboot
```
"""


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.md"
    path.write_text(PAGE, "utf-8")
    return path


def test_commands_have_what_is_shown_below_them(page: Path) -> None:
    first, *_ = read_blocks(page)
    assert list(first.commands()) == [
        Command(text="shopdb import a.csv \\\n    --update", line=6, shown=("3 rows",)),
        Command(text="shopdb serve", line=9, shown=("ShopDB answers",), is_interrupted=True),
    ]


def test_a_sentence_that_ends_with_a_file_s_name_makes_the_block_that_file(page: Path) -> None:
    _, whole, addition, *_ = read_blocks(page)
    assert (whole.file, whole.is_addition, whole.text) == ("plugins/a/plugin.py", False, "X = 1\n")
    assert (addition.file, addition.is_addition) == ("shopdb.toml", True)


def test_a_comment_says_what_fails_and_what_is_not_done(page: Path) -> None:
    *_, failing, left_out = read_blocks(page)
    assert (failing.mark, failing.is_run) == ("fails", True)
    assert not left_out.is_run


@pytest.mark.parametrize(
    ("shown", "output", "is_same"),
    [
        (("3 rows",), "3 rows\n", True),
        (("3 rows",), "4 rows\n", False),
        (("3 rows",), "3 rows\nand an error\n", False),
        (("Password: …",), "Password: x7-y\n", True),
        (("Password: …",), "No password\n", False),
        (("a", "…", "b"), "a\nb\n", True),
        (("a", "…", "b"), "a\n1\n2\nb\n", True),
        (("a", "…", "b"), "a\n1\n2\n", False),
        (("1.0 (a)",), "1x0 (a)\n", False),
        ((), "anything\n", True),
    ],
)
def test_output_is_compared_but_for_what_the_page_leaves_open(
    shown: tuple[str, ...], output: str, is_same: bool
) -> None:
    assert (find_difference(shown, output) is None) == is_same


def test_a_console_block_begins_with_a_prompt(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```console\n3 rows\n```\n", "utf-8")
    (block,) = read_blocks(page)
    with pytest.raises(ValueError, match=r"line 2: a block of console begins with '\$ '"):
        list(block.commands())
