"""Go's templates."""

from __future__ import annotations

from typing import Any

import pytest

from minikube_py.controllers.kubelet.gotemplate import FUNCTIONS, Template, TemplateError

POD: dict[str, Any] = {
    "metadata": {"name": "a", "labels": {"z": "1", "app": "web"}, "annotations": None},
    "spec": {"containers": [{"name": "x", "image": "i:1"}, {"name": "y", "image": "i:2"}], "hostNetwork": False},
    "count": 3,
}


def rendered(source: str, data: Any = POD) -> str:
    return Template(source).render(data, FUNCTIONS)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("plain", "plain", id="text"),
        pytest.param("{{ .metadata.name }}", "a", id="field"),
        pytest.param("{{.metadata.labels.app}}", "web", id="without-space"),
        pytest.param("{{ .metadata.nothing.below }}", "<no value>", id="nothing-is-below-nothing"),
        pytest.param("{{ .metadata.labels }}", "map[app:web z:1]", id="map"),
        pytest.param('{{ list 1 "a" true }}', "[1 a true]", id="list"),
        pytest.param(
            "{{ 1.5 }} {{ 0x10 }} {{ 'a' }} {{ `raw\\n` }} {{ \"a\\tb\" }}", "1.5 16 97 raw\\n a\tb", id="literals"
        ),
        pytest.param("a  {{- 1 -}}  b", "a1b", id="trimmed"),
        pytest.param("a{{/* }} */}}b{{- /* c */ -}} d", "abd", id="comments"),
        pytest.param('{{ "}}" }}', "}}", id="braces-in-a-string"),
        pytest.param("{{ $x := 1 }}{{ $x }}{{ $x = 2 }}{{ $x }}", "12", id="variables"),
        pytest.param("{{ $x := 1 }}{{ if true }}{{ $x := 2 }}{{ end }}{{ $x }}", "1", id="blocks-have-their-own"),
        pytest.param("{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ end }}{{ $x }}", "2", id="or-assign-to-those-around"),
        pytest.param("{{ if .count }}yes{{ else }}no{{ end }}", "yes", id="if"),
        pytest.param("{{ if 0 }}a{{ else if eq .count 3 }}b{{ else }}c{{ end }}", "b", id="else-if"),
        pytest.param("{{ if .metadata.annotations }}a{{ end }}", "", id="null-is-false"),
        pytest.param("{{ with .metadata }}{{ .name }}{{ $.count }}{{ end }}", "a3", id="with"),
        pytest.param("{{ with .nothing }}a{{ else }}b{{ end }}", "b", id="with-else"),
        pytest.param("{{ with $n := .count }}{{ $n }}{{ . }}{{ end }}", "33", id="with-variable"),
        pytest.param("{{ range .spec.containers }}{{ .name }};{{ end }}", "x;y;", id="range"),
        pytest.param("{{ range $i, $c := .spec.containers }}{{ $i }}{{ $c.name }}{{ end }}", "0x1y", id="range-index"),
        pytest.param("{{ range $c := .spec.containers }}{{ $c.name }}{{ end }}", "xy", id="range-element"),
        pytest.param(
            "{{ range $k, $v := .metadata.labels }}{{ $k }}={{ $v }} {{ end }}", "app=web z=1 ", id="range-map"
        ),
        pytest.param("{{ range .nothing }}a{{ else }}none{{ end }}", "none", id="range-nothing"),
        pytest.param("{{ range 3 }}{{ . }}{{ end }}", "012", id="range-number"),
        pytest.param("{{ range 9 }}{{ if eq . 2 }}{{ break }}{{ end }}{{ . }}{{ end }}", "01", id="break"),
        pytest.param("{{ range 3 }}{{ if eq . 1 }}{{ continue }}{{ end }}{{ . }}{{ end }}", "02", id="continue"),
        pytest.param('{{ .count | printf "%03d|%s|%q|%v" 7 "s" "q" }}', '007|s|"q"|3', id="printf"),
        pytest.param('{{ printf "%d%% %s" 1 }}', "1% %!s(MISSING)", id="printf-too-few"),
        pytest.param('{{ print 1 2 "a" 3 }}', "1 2a3", id="print"),
        pytest.param("{{ (index .spec.containers 1).image }}", "i:2", id="chain"),
        pytest.param('{{ index .metadata.labels "app" }}', "web", id="index"),
        pytest.param('{{ index .nothing "app" }}', "<no value>", id="index-nothing"),
        pytest.param("{{ or .nothing .count }} {{ and .count 0 }}", "3 0", id="and-or"),
        pytest.param("{{ or .spec.hostNetwork false }}", "false", id="or-of-false"),
        pytest.param("{{ or 1 (fail) }}", "1", id="or-needs-no-more"),
        pytest.param(
            "{{ eq 2 1 2 }} {{ ne 1 2 }} {{ lt 1 2 }} {{ ge 2 2 }} {{ not 1 }}",
            "true true true true false",
            id="compared",
        ),
        pytest.param('{{ eq .nothing "Always" }}', "false", id="nothing-equals-nothing-else"),
        pytest.param('{{ .nothing | default "d" | quote }}', '"d"', id="default-quote"),
        pytest.param('{{ dict "a" 1 "b" (list 1 2) | toJson }}', '{"a":1,"b":[1,2]}', id="dict"),
        pytest.param('{{ "a-b" | upper | replace "-" "_" | trimSuffix "_B" }}', "A", id="strings"),
        pytest.param("{{ add 1 2 3 }} {{ sub 5 2 }} {{ div -7 2 }} {{ mod -7 2 }}", "6 3 -3 -1", id="numbers"),
        pytest.param('{{ ternary "y" "n" (hasKey .metadata "name") }}', "y", id="ternary"),
        pytest.param('{{ "a\\nb" | nindent 2 }}', "\n  a\n  b", id="nindent"),
    ],
)
def test_rendering(source: str, expected: str) -> None:
    assert rendered(source) == expected


@pytest.mark.parametrize(
    ("source", "message"),
    [
        pytest.param("{{ if 1 }}", "unexpected EOF", id="no-end"),
        pytest.param("{{ end }}", "unexpected {{end}}", id="too-many-ends"),
        pytest.param("{{ .a ", "unclosed action", id="no-braces"),
        pytest.param("{{ (1 }}", "unclosed left paren", id="no-paren"),
        pytest.param("{{ }}", "missing value for command", id="empty"),
        pytest.param("{{ ~ }}", "unexpected '~' in action", id="strange"),
        pytest.param("{{ $x }}", "undefined variable '$x'", id="unknown-variable"),
        pytest.param("{{ nope }}", "function 'nope' not defined", id="unknown-function"),
        pytest.param("{{ .count 1 }}", "can't give argument to non-function", id="no-function"),
        pytest.param("{{ .count.a }}", "can't evaluate field a in type int", id="no-fields"),
        pytest.param('{{ lt 1 "a" }}', "error calling lt: incompatible types for comparison", id="no-order"),
        pytest.param("{{ index .spec.containers 5 }}", "error calling index: index out of range: 5", id="out-of-range"),
        pytest.param("{{ range .metadata.name }}{{ end }}", "range can't iterate over a", id="nothing-to-range-over"),
        pytest.param('{{ template "a" }}', "{{template}} is not supported", id="template"),
    ],
)
def test_what_is_wrong(source: str, message: str) -> None:
    with pytest.raises(TemplateError) as raised:
        rendered(source)
    assert str(raised.value) == message
