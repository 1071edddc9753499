"""Which commands the shell knows all of, and laws of its parser."""

from __future__ import annotations

import asyncio
import shlex

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minikube_py.controllers.kubelet.shell import understands
from minikube_py.controllers.kubelet.shell.arithmetic import BadArithmetic, evaluate
from minikube_py.controllers.kubelet.shell.parser import Parser
from minikube_py.controllers.kubelet.shell.patterns import escape, matches
from minikube_py.controllers.kubelet.shell.syntax import ShellSyntaxError
from tests.kubelet.shellsession import Machine


@pytest.mark.parametrize(
    "argv",
    [
        pytest.param(["sleep", "5"], id="program"),
        pytest.param(["/bin/sleep", "infinity"], id="program-by-path"),
        pytest.param(["sh", "-c", "while true; do date; sleep 1; done"], id="loop"),
        pytest.param(["/bin/sh", "-c", "echo hi; exit 3"], id="shell-by-path"),
        pytest.param(["/bin/bash", "-euo", "pipefail", "-c", "echo hi"], id="options"),
        pytest.param(["sh", "-ec", "echo $X"], id="options-together"),
        pytest.param(["sh", "-c", "f() { echo a; }; f | cat > /tmp/x 2>&1"], id="function"),
        pytest.param(["sh", "-c", "if [ -f /x ]; then f; fi; f() { ls; }"], id="function-defined-later"),
        pytest.param(["sh", "-c", "x=$(cat /y) || echo `date` $((1+$(wc -l)))"], id="substitutions"),
        pytest.param(["sh", "-c", "trap 'echo bye; exit' TERM; sleep infinity & wait"], id="trap"),
        pytest.param(
            ["sh", "-c", "case $x in a) echo;; esac; (ls); { ls; } > /x; for i in *; do ls; done"], id="compound"
        ),
        pytest.param(["sh", "-c", "cat <<E\n$(date)\nE"], id="here-document"),
        pytest.param(["sh", "-c", "exec env A=1 sh -c 'eval \"echo a\"; command ls; nohup ls'"], id="wrappers"),
        pytest.param(["timeout", "5", "sleep", "9"], id="timeout"),
        pytest.param(["bash", "-c", "[[ $x =~ a|b ]] && sed -i s/a/$x/ /f"], id="conditions-and-sed"),
        pytest.param(["sh", "-c", "ls | xargs -n 1 echo; time ls; busybox ls; env"], id="xargs"),
        pytest.param(["sh"], id="a-shell-on-stdin"),
        pytest.param(["sh", "-c", "echo {1..3}"], id="braces-that-mean-nothing"),
        pytest.param(["sh", "-c", ""], id="nothing-to-do"),
    ],
)
def test_understood(argv: list[str]) -> None:
    assert understands(argv)


@pytest.mark.parametrize(
    "argv",
    [
        pytest.param([], id="empty"),
        pytest.param(["nginx", "-g", "daemon off;"], id="unknown"),
        pytest.param(["/app/sleep", "5"], id="another-program-of-that-name"),
        pytest.param(["exit", "1"], id="only-in-a-shell"),
        pytest.param(["sh", "-c", "echo starting; nginx"], id="unknown-later"),
        pytest.param(["sh", "-c", "$CMD"], id="told-by-a-variable"),
        pytest.param(["sh", "-c", "echo $(curl x)"], id="in-a-substitution"),
        pytest.param(["sh", "-c", "echo ${x:-`curl x`}"], id="in-a-default"),
        pytest.param(["sh", "-c", "x=$(curl x)"], id="in-an-assignment"),
        pytest.param(["sh", "-c", "echo $(($(curl x)))"], id="in-arithmetic"),
        pytest.param(["sh", "-c", "cat <<E\n$(curl x)\nE"], id="in-a-here-document"),
        pytest.param(["sh", "-c", "cat > $(curl x)"], id="in-a-redirection"),
        pytest.param(["sh", "-c", "case a in $(curl x)) ls;; esac"], id="in-a-pattern"),
        pytest.param(["sh", "-c", "case a in a) curl;; esac"], id="in-a-case"),
        pytest.param(["sh", "-c", "for i in $(curl x); do ls; done"], id="in-a-list"),
        pytest.param(["sh", "-c", "if curl x; then ls; fi"], id="in-a-condition"),
        pytest.param(["sh", "-c", "if ls; then ls; else curl x; fi"], id="in-a-branch"),
        pytest.param(["sh", "-c", "{ ls; curl x; } > /x"], id="in-a-group"),
        pytest.param(["sh", "-c", "f() { curl x; }"], id="in-a-function"),
        pytest.param(["sh", "-c", "trap 'curl x' EXIT"], id="in-a-trap"),
        pytest.param(["sh", "-c", "eval curl"], id="in-eval"),
        pytest.param(["sh", "-c", 'eval "$x"'], id="in-eval-unknown"),
        pytest.param(["sh", "-c", "sh -c 'curl x'"], id="in-a-shell"),
        pytest.param(["sh", "-c", 'sh -c "$x"'], id="in-a-shell-unknown"),
        pytest.param(["sh", "-c", "exec nginx"], id="exec"),
        pytest.param(["sh", "-c", "exec $@"], id="exec-unknown"),
        pytest.param(["env", "A=1", "nginx"], id="env"),
        pytest.param(["sh", "-c", "ls | sed ':a;N;ba'"], id="in-sed"),
        pytest.param(["sh", "-c", "env $x"], id="env-unknown"),
        pytest.param(["timeout", "-s", "KILL", "5", "nginx"], id="timeout"),
        pytest.param(["sh", "-c", "ls | xargs curl"], id="xargs"),
        pytest.param(["sh", "/scripts/run.sh"], id="script"),
        pytest.param(["sh", "-c", ". /scripts/run.sh"], id="source"),
        pytest.param(["sh", "-c"], id="no-script"),
        pytest.param(["sh", "-c", "if"], id="unfinished"),
        pytest.param(["bash", "-c", "x=(a b)"], id="bash-arrays"),
        pytest.param(["bash", "-c", "for i in {1..3}; do echo $i; done"], id="bash-braces"),
        pytest.param(["bash", "-c", "for ((i=0; i<3; i++)); do echo $i; done"], id="bash-for"),
        pytest.param(["sh", "-c", "echo >&3; echo 3>/x"], id="more-streams"),
        pytest.param(["sh", "-c", "(" * 500], id="deep"),
    ],
)
def test_not_understood(argv: list[str]) -> None:
    assert not understands(argv)


def test_more_commands_can_be_known() -> None:
    assert understands(["sh", "-c", "curl x | cat"], frozenset({"curl"}))


# Laws

FRAGMENTS = ["$((", "$(", "${", "))", "${x:-", "${#", ";;", "<<E", "x=", "f()", "echo"]
FRAGMENTS += ["if", "then", "fi", "do", "done", "for", "in", "case", "esac", "while"]
SCRIPTISH = st.lists(
    st.sampled_from(
        [*"\"'`$(){}[]<>|&;!#=\\ \n\t*?~:-+%/,1aE", *FRAGMENTS, *(f"{each} " for each in FRAGMENTS), "\nE\n"]
    ),
    max_size=40,
).map("".join)
WORD = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


@settings(deadline=None, max_examples=300)
@given(st.one_of(SCRIPTISH, st.text()))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    for final in (True, False):
        parser = Parser(text, final=final)
        try:
            parser.program()
        except ShellSyntaxError as error:
            assert str(error)
    understands(["sh", "-c", text])


@pytest.mark.parametrize(
    "text", ["$((", "$(", "(", "{ ", '"$(', "${x:-", "if ", "while ", "f() ", "! ", "$(((", "case "]
)
def test_depth_is_refused(text: str) -> None:
    with pytest.raises(ShellSyntaxError):
        Parser(text * 5000).program()


def test_nested_commands_that_look_like_arithmetic_take_no_longer() -> None:
    text = "$((" * 10 + "x" + ") )" * 10
    assert Parser(f"echo {text}").program()


@settings(deadline=None, max_examples=60)
@given(st.lists(WORD, max_size=4))
def test_what_is_quoted_comes_back(words: list[str]) -> None:
    script = f"printf '<%s>' {shlex.join(words)}"
    done = asyncio.run(Machine().sh(script))
    assert done.out == "".join(f"<{word}>" for word in words or [""])
    assert (done.err, done.code) == ("", 0)


@settings(deadline=None, max_examples=60)
@given(WORD)
def test_variables_keep_what_they_are_given(word: str) -> None:
    done = asyncio.run(
        Machine().sh(f'x={shlex.quote(word)}; y=$x; printf %s "$y" > /tmp/o; set -- "$x"; printf %s "${{1}}"')
    )
    assert (done.out, done.err, done.code) == (word, "", 0)


@settings(deadline=None)
@given(WORD, WORD)
def test_an_escaped_pattern_matches_itself_alone(word: str, other: str) -> None:
    assert matches(escape(word), word)
    assert matches(escape(word), other) == (word == other)


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=20), st.text("*?[]a-!\\^:", max_size=12))
def test_any_pattern_is_one(text: str, pattern: str) -> None:
    matches(pattern, text)


@settings(deadline=None, max_examples=300)
@given(st.text("0123456789+-*/%<>=!&|^~()?:, xy", max_size=25))
def test_any_arithmetic_has_a_value_or_is_refused(text: str) -> None:
    variables: dict[str, str] = {}
    try:
        value = evaluate(text, lambda name: variables.get(name, ""), variables.__setitem__)
    except BadArithmetic:
        return
    assert -(1 << 63) <= value < 1 << 63
