"""Go's regular expressions."""

from __future__ import annotations

import pytest

from minikube_py.machinery.goregexp import InvalidPattern, compile_pattern


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        pytest.param("^a$", "a\n", False, id="dollar-is-the-very-end"),
        pytest.param("(?m)^a$", "b\na", True, id="multiline"),
        pytest.param(r"^\d$", "٣", False, id="digits-are-ascii"),
        pytest.param(r"^\w+$", "ä", False, id="words-are-ascii"),
        pytest.param("^[[:alpha:]_]+$", "ab_", True, id="posix-class"),
        pytest.param(r"^\p{Lu}$", "Ä", True, id="category"),
        pytest.param(r"^[^\p{L}]$", "Ä", False, id="category-in-a-class"),
        pytest.param(r"\Qa.b\E", "axb", False, id="quoted"),
        pytest.param(r"a\z", "ba", True, id="end-of-text"),
        pytest.param("(?i)ABC", "abc", True, id="flags"),
        pytest.param(r"(?P<x>a)(?:b)", "ab", True, id="groups"),
        pytest.param("a{2,3}?", "aa", True, id="lazy-repeat"),
        pytest.param("a{,2}", "a{,2}", True, id="no-repeat"),
        pytest.param("[]a]", "]", True, id="bracket-first"),
        pytest.param(r"\x41\x{42}", "AB", True, id="codes"),
        pytest.param("[a[b]", "[", True, id="open-bracket-in-a-class"),
    ],
)
def test_matches(pattern: str, text: str, found: bool) -> None:
    assert bool(compile_pattern(pattern).search(text)) is found


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        pytest.param("[a", "missing closing ]: `[a`", id="class"),
        pytest.param("(a", "missing closing ): `(a`", id="group"),
        pytest.param("a)", "unexpected ): `a)`", id="closing"),
        pytest.param("*a", "missing argument to repetition operator: `*`", id="nothing-to-repeat"),
        pytest.param("a**", "invalid nested repetition operator: `**`", id="nested"),
        pytest.param("(?=a)", "invalid or unsupported Perl syntax: `(?=`", id="lookahead"),
        pytest.param(r"\1", r"invalid escape sequence: `\1`", id="backreference"),
        pytest.param("a{1001}", "invalid repeat count: `{1001}`", id="too-often"),
        pytest.param("[[:odd:]]", "invalid character class range: `[:odd:]`", id="posix-class"),
        pytest.param("a\\", "trailing backslash at end of expression: ``", id="trailing-backslash"),
    ],
)
def test_refuses(pattern: str, problem: str) -> None:
    with pytest.raises(InvalidPattern) as caught:
        compile_pattern(pattern)
    assert str(caught.value) == f"error parsing regexp: {problem}"
