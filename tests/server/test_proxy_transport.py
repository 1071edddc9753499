"""Links in what comes through a proxy."""

from __future__ import annotations

import gzip
import zlib

import pytest

from minikube_py.api.connect.transport import Rewriter

PREFIX = "/api/v1/namespaces/default/pods/p/proxy"
REWRITER = Rewriter(PREFIX, "10.244.0.2:80", "localhost:8001")


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        pytest.param("/a/b/?c=d#e", f"{PREFIX}/a/b/?c=d#e", id="absolute path"),
        pytest.param("http://10.244.0.2:80/a", f"{PREFIX}/a", id="the target's"),
        pytest.param("//10.244.0.2:80/a", f"{PREFIX}/a", id="without a scheme"),
        pytest.param("https://localhost:8001/a", f"https://localhost:8001{PREFIX}/a", id="the client's host"),
        pytest.param(f"{PREFIX}/a", f"{PREFIX}/a", id="through the proxy already"),
        pytest.param("a/b", "a/b", id="relative"),
        pytest.param("#a", "#a", id="fragment"),
        pytest.param("http://10.244.0.2/a", "http://10.244.0.2/a", id="another port"),
        pytest.param("https://kubernetes.io/", "https://kubernetes.io/", id="another host"),
        pytest.param("mailto:me@example.com", "mailto:me@example.com", id="no page"),
        pytest.param("http://[/a", "http://[/a", id="no link"),
    ],
)
def test_links(link: str, expected: str) -> None:
    assert REWRITER.link(link) == expected


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        pytest.param('<a class="x" href="/a">/a</a>', f'<a class="x" href="{PREFIX}/a">/a</a>', id="anchor"),
        pytest.param("<IMG SRC='/a' ALT=/b/>", f"<IMG SRC=\"{PREFIX}/a\" ALT=/b/>", id="any case and quotes"),
        pytest.param("<link href=/a.css>", f'<link href="{PREFIX}/a.css">', id="no quotes"),
        pytest.param('<a href="/?a=b&amp;c">', f'<a href="{PREFIX}/?a=b&amp;c">', id="escaped"),
        pytest.param('<a src="/a"><p href="/a">', '<a src="/a"><p href="/a">', id="attributes that are no links"),
        pytest.param('<a title="a > b" href="/a">', f'<a title="a > b" href="{PREFIX}/a">', id="a bracket in quotes"),
        pytest.param('<!-- <a href="/a"> --><a>', '<!-- <a href="/a"> --><a>', id="comment"),
        pytest.param('<!-- <a href="/a">', '<!-- <a href="/a">', id="comment without an end"),
        pytest.param(
            "<script src='/a'>f('<a href=\"/a\">')</script><form action='/b'>",
            f"<script src=\"{PREFIX}/a\">f('<a href=\"/a\">')</script><form action=\"{PREFIX}/b\">",
            id="script",
        ),
        pytest.param('<style><a href="/a">', '<style><a href="/a">', id="style without an end"),
        pytest.param("1 < 2 <a href='/a", "1 < 2 <a href='/a", id="no tags"),
        pytest.param("\xe4<a href='x'>\xff", "\xe4<a href='x'>\xff", id="any bytes"),
    ],
)  # fmt: skip
def test_pages(page: str, expected: str) -> None:
    assert REWRITER.page(page.encode("latin-1"), "") == expected.encode("latin-1")


def test_pages_may_be_compressed() -> None:
    page, expected = b"<a href='/a'>", f'<a href="{PREFIX}/a">'.encode()
    assert gzip.decompress(REWRITER.page(gzip.compress(page), "gzip")) == expected
    packer = zlib.compressobj(wbits=-15)
    deflated = packer.compress(page) + packer.flush()
    assert zlib.decompress(REWRITER.page(deflated, "deflate"), -15) == expected
    assert REWRITER.page(b"packed", "br") == b"packed"
    for encoding in ("gzip", "deflate"):
        with pytest.raises(ValueError):
            REWRITER.page(b"no such thing", encoding)
