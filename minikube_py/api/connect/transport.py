"""Links in what comes through a proxy: they lead through it again (apimachinery/pkg/util/proxy/transport.go)."""

from __future__ import annotations

import gzip
import html
import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit, urlunsplit

LINKS: Mapping[str, frozenset[str]] = {
    name: frozenset(attributes.split())
    for name, attributes in {
        **dict.fromkeys(("a", "area", "base", "link"), "href"),
        **dict.fromkeys(("audio", "embed", "script", "source"), "src"),
        **dict.fromkeys(("blockquote", "del", "ins", "q"), "cite"),
        **dict.fromkeys(("frame", "iframe"), "longdesc src"),
        **{"applet": "codebase", "body": "background", "button": "formaction", "command": "icon", "form": "action"},
        **{"head": "profile", "html": "manifest", "img": "longdesc src usemap", "input": "src usemap formaction"},
        **{"object": "classid codebase data usemap", "video": "poster src"},
    }.items()
}
"""Attributes that are links, by element."""
_AS_THEY_ARE = frozenset({"script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes", "plaintext"})
"""Elements with no elements within them."""
_tag = re.compile(r"""<!--.*?(?:-->|\Z)|<([a-zA-Z][^\s/>]*)((?:[^<>"']|"[^"]*"|'[^']*')*)>""", re.DOTALL)
_attribute = re.compile(r"""([^\s"'<>/=]+)(\s*=\s*)("[^"]*"|'[^']*'|[^\s"'=<>`]+)""")


@dataclass(frozen=True)
class Rewriter:
    prefix: str
    """Of the proxy, before the target's own paths."""
    target: str
    """Its host and port."""
    host: str
    """By which the client calls the proxy."""

    def link(self, link: str) -> str:
        """A link to the target's own pages leads through the proxy; others, and relative ones, stay as they are."""
        try:
            parts = urlsplit(link)
        except ValueError:
            return link
        if parts.netloc not in ("", self.target, self.host) or not parts.path.startswith("/"):
            return link
        own = ("", "") if parts.netloc != self.host else (parts.scheme, parts.netloc)
        prefix = escaped(self.prefix)
        path = parts.path if parts.path.startswith(prefix) else prefix + parts.path
        return urlunsplit((*own, path, parts.query, parts.fragment))

    def page(self, body: bytes, encoding: str) -> bytes:
        """HTML, perhaps compressed; in an encoding that nobody knows it stays as it is. Raises ValueError."""
        if encoding not in _ENCODINGS:
            return body
        unpack, pack = _ENCODINGS[encoding]
        try:
            return pack(self._rewritten(unpack(body).decode("latin-1")).encode("latin-1"))
        except (zlib.error, OSError, EOFError) as error:
            raise ValueError(str(error)) from None

    def _rewritten(self, text: str) -> str:
        pieces: list[str] = []
        at = 0
        while (match := _tag.search(text, at)) is not None:
            pieces += (text[at : match.start()], self._tag(match))
            at = match.end()
            name = (match[1] or "").lower()
            if name in _AS_THEY_ARE:
                end = text.lower().find(f"</{name}", at)
                end = len(text) if end < 0 else end
                pieces.append(text[at:end])
                at = end
        return "".join([*pieces, text[at:]])

    def _tag(self, match: re.Match[str]) -> str:
        links = LINKS.get((match[1] or "").lower())
        if links is None:
            return match[0]

        def replaced(attribute: re.Match[str]) -> str:
            value = html.unescape(attribute[3].strip("\"'"))
            link = self.link(value) if attribute[1].lower() in links else value
            return attribute[0] if link == value else f'{attribute[1]}{attribute[2]}"{html.escape(link)}"'

        return f"<{match[1]}{_attribute.sub(replaced, match[2])}>"


def escaped(path: str) -> str:
    """As Go escapes a path."""
    return quote(path, safe="/:@$&+,;=~")


def _inflated(data: bytes) -> bytes:
    return zlib.decompress(data, -zlib.MAX_WBITS)


def _deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


def _same(data: bytes) -> bytes:
    return data


def _zipped(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


_ENCODINGS: Mapping[str, tuple[Callable[[bytes], bytes], Callable[[bytes], bytes]]] = {
    "": (_same, _same),
    "gzip": (gzip.decompress, _zipped),
    "deflate": (_inflated, _deflated),
}
