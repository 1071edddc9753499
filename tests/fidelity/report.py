"""REPORT.md: how the answers compare, kind by kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path

from minikube_py.api.catalog import builtin_resources
from tests.fidelity import known
from tests.fidelity.replay import Outcome, Verdict

FILE = Path(__file__).parent / "REPORT.md"
_FAMILIES = {
    "kind": "kinds, discovery and OpenAPI",
    "protocol": "verbs, patches, watches, selectors, kubectl's requests",
    "crd": "CustomResourceDefinitions",
}
_PAGES = {
    "api": "(discovery)",
    "apis": "(discovery)",
    "openapi": "(OpenAPI)",
    "healthz": "(health)",
    "livez": "(health)",
    "readyz": "(health)",
    "version": "(version)",
}
_COLUMNS = "| identical | but for a patch | same status | different |"


def total(outcomes: Sequence[Outcome]) -> str:
    """ "2341 of 2517 steps identical (93.0 %), 2453 the same status code (97.5 %)" """
    count = Counter(outcome.verdict for outcome in outcomes)
    steps = len(outcomes)
    same = steps - count[Verdict.DIFFERENT]
    identical = count[Verdict.IDENTICAL]
    text = f"{identical} of {steps} steps identical ({identical / steps:.1%}), {same} the same status code"
    return f"{text} ({same / steps:.1%})"


def write(outcomes: Sequence[Outcome]) -> None:
    parts = [_head(outcomes), _families(outcomes), _kinds(outcomes), _known(outcomes), _unknown(outcomes)]
    FILE.write_text("\n".join(parts))


def _head(outcomes: Sequence[Outcome]) -> str:
    return f"""# Fidelity

What this server answers is compared, step by step, with what kube-apiserver v1.36.2 answered to the same requests:
status code, headers and the whole body, `managedFields` included; uids, times, resourceVersions, random suffixes and
allocated addresses are placeholders on both sides. {total(outcomes)}.

`python -m tests.fidelity` replays the recordings (in `data/`) and writes this file; `--diff 'kind-pod*'` shows what
differs. No step may get worse: the tests compare with `baseline.json`.
"""


def _families(outcomes: Sequence[Outcome]) -> str:
    names = {family: f"`{family}-*`: {text}" for family, text in _FAMILIES.items()}
    rows = _table(outcomes, lambda outcome: names[outcome.scenario.partition("-")[0]], list(names.values()))
    return f"| scenarios | steps {_COLUMNS}\n|---|--:|--:|--:|--:|--:|\n{rows}"


def _kinds(outcomes: Sequence[Outcome]) -> str:
    rows = _table(outcomes, lambda outcome: resource(outcome.request))
    return f"## Kind by kind\n\n| resource | steps {_COLUMNS}\n|---|--:|--:|--:|--:|--:|\n{rows}"


def _known(outcomes: Sequence[Outcome]) -> str:
    reasons = Counter(
        known.PATCH if outcome.verdict is Verdict.PATCHED else known.reason(outcome.scenario, outcome.step)
        for outcome in outcomes
        if outcome.verdict is not Verdict.IDENTICAL
    )
    del reasons[""]
    rows = "".join(f"| {count} | {reason} |\n" for reason, count in reasons.most_common())
    return f"## Known to differ\n\n| steps | why |\n|--:|---|\n{rows}"


def _unknown(outcomes: Sequence[Outcome]) -> str:
    scenarios: dict[str, list[str]] = {}
    for outcome in outcomes:
        unequal = outcome.verdict in (Verdict.SAME_STATUS, Verdict.DIFFERENT)
        if unequal and not known.reason(outcome.scenario, outcome.step):
            scenarios.setdefault(outcome.scenario, []).append(outcome.step)
    lines = "".join(f"- {scenario}: {', '.join(steps)}\n" for scenario, steps in scenarios.items())
    return f"## Still to be done\n\nWhat else differs, by scenario and step:\n\n{lines or 'Nothing.'}"


def _table(outcomes: Iterable[Outcome], row: Callable[[Outcome], str], order: Sequence[str] | None = None) -> str:
    """Lines of counts; without an order, by name."""
    counts: dict[str, Counter[Verdict]] = {}
    for outcome in outcomes:
        counts.setdefault(row(outcome), Counter())[outcome.verdict] += 1
    lines = []
    for name in order or sorted(counts):
        count = counts[name]
        cells = [str(count.total()), *(str(count[verdict] or "") for verdict in Verdict)]
        lines.append(f"| {name} | {' | '.join(cells)} |\n")
    return "".join(lines)


@cache
def _builtin() -> frozenset[str]:
    return frozenset(str(each.group_resource) for each in builtin_resources())


def resource(request: str) -> str:
    """ "deployments.apps" of "GET /apis/apps/v1/namespaces/$ns/deployments/web/scale"; words in parentheses for what is
    no built-in resource."""
    parts = request.split(" ", 1)[1].partition("?")[0].strip("/").split("/")
    prefix, rest = (2, parts[2:]) if parts[0] == "api" else (3, parts[3:])
    if parts[0] not in ("api", "apis") or len(parts) <= prefix:
        return _PAGES.get(parts[0], "(other paths)")
    if rest[0] == "watch":
        rest = rest[1:]
    if rest[:1] == ["namespaces"] and len(rest) > 2 and rest[2] not in ("status", "finalize"):
        rest = rest[2:]
    group = parts[1] if prefix == 3 else ""
    if "$uniq" in group:
        return "(custom resources)"
    name = ".".join(filter(None, (rest[0] if rest else "", group)))
    return name if name in _builtin() else "(no such resource)"
