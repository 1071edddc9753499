"""Reads Go struct types (field names, tags, types) out of the runtime type data of a 64-bit little-endian ELF binary.

Up to 1.26, Go binaries list their pointer, slice and map types in the section .typelink, as offsets into the type
data; every struct that reflection can reach hangs below one of them. Since 1.27 all type data has a section of its own,
.go.type, where struct types are told by their form. Layouts are those of internal/abi/type.go.
"""

from __future__ import annotations

import re
import struct
from typing import Any

ARRAY, MAP, POINTER, SLICE, STRUCT = 17, 21, 22, 23, 25
_KIND, _UNCOMMON, _EXTRA_STAR, _NAMED = 31, 1, 2, 4
_TAGGED, _EMBEDDED = 2, 8
_tags = re.compile(r'(\w+):"([^"]*)"')


PACKAGES = (
    "k8s.io/api/",
    "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1",
    "k8s.io/apimachinery/pkg/apis/meta/v1.",
    "k8s.io/apimachinery/pkg/apis/meta/v1beta1.",
    "k8s.io/apimachinery/pkg/runtime.",
    "k8s.io/apimachinery/pkg/util/intstr.",
    "k8s.io/apimachinery/pkg/version.",
    "k8s.io/metrics/pkg/apis/",
)
"""Where API types are."""


def read(binary: bytes) -> dict[str, list[dict[str, Any]]]:
    """The structs of the API packages that JSON or protobuf carries, by name ("k8s.io/api/core/v1.PodSpec"), with
    their fields as declared.

    Raises ValueError if the binary is not such an ELF file or has no Go types.
    """
    types = _Types(binary)
    structs = {}
    for address in types.structs():
        name = types.full_name(address)
        if name.startswith(PACKAGES):
            fields = [_field(*field) for field in types.fields(address)]
            if any("proto" in field or "json" in field for field in fields):
                structs[name] = fields
    return structs


def _field(name: str, type: str, tag: str, embedded: bool) -> dict[str, Any]:
    tags = dict(_tags.findall(tag))
    json, *options = tags.get("json", "").split(",")
    field: dict[str, Any] = {"go": name, "type": type}
    if json:
        field["json"] = json
    elif embedded:
        field["inline"] = True
    for option in ("omitempty", "omitzero"):
        if option in options:
            field[option] = True
    wire, *protobuf = tags.get("protobuf", "").split(",")
    if protobuf:
        field |= {"proto": int(protobuf[0]), "wire": wire}
        if "rep" in protobuf:
            field["repeated"] = True
    for key in ("patchStrategy", "patchMergeKey"):
        if key in tags:
            field[key] = tags[key]
    return field


class _Types:
    def __init__(self, binary: bytes) -> None:
        if binary[:6] != b"\x7fELF\x02\x01":
            raise ValueError("not a 64-bit little-endian ELF file")
        self.binary = binary
        self.sections = self._sections()
        base = self.sections.get(".go.type") or self.sections.get(".rodata")
        if not base:
            raise ValueError("no Go types: the sections .go.type and .rodata are missing")
        self.base = base[0]
        self.roots = self._linked() if ".typelink" in self.sections else self._struct_like(*base)

    def _linked(self) -> list[int]:
        _, offset, size = self.sections[".typelink"]
        return [self.base + link for (link,) in struct.iter_unpack("<i", self.binary[offset : offset + size])]

    def _struct_like(self, start: int, offset: int, size: int) -> list[int]:
        """Addresses where a struct type may stand: the kind fits, and there are as many fields as there is room for."""
        found = []
        for at in range(0, size - 80, 8):
            if self.binary[offset + at + 23] & _KIND == STRUCT:
                fields, count, room = struct.unpack_from("<QQQ", self.binary, offset + at + 56)
                if 0 < count == room < 500 and start <= fields < start + size and self._readable(start + at):
                    found.append(start + at)
        return found

    def _readable(self, type: int) -> bool:
        try:
            return self.name(type).isprintable() and bool(self.fields(type))
        except (ValueError, IndexError, struct.error, RecursionError):
            return False

    def _sections(self) -> dict[str, tuple[int, int, int]]:
        """Address, offset and size by name."""
        (table,) = struct.unpack_from("<Q", self.binary, 40)
        count, names = struct.unpack_from("<HH", self.binary, 60)
        headers = [struct.unpack_from("<IIQQQQ", self.binary, table + 64 * index) for index in range(count)]
        strings = headers[names][4]
        found = {}
        for name, kind, _, address, offset, size in headers:
            start = strings + name
            if kind != 8:  # what is not zero-filled
                found[self.binary[start : self.binary.index(b"\0", start)].decode()] = (address, offset, size)
        return found

    # -- reading ---------------------------------------------------------------------------------------------------

    def at(self, address: int) -> int:
        """The offset in the file."""
        for start, offset, size in self.sections.values():
            if start and start <= address < start + size:
                return offset + address - start
        raise ValueError(f"address {address:#x} is in no section")

    def word(self, address: int) -> int:
        (value,) = struct.unpack_from("<Q", self.binary, self.at(address))
        return int(value)

    def half(self, address: int) -> int:
        (value,) = struct.unpack_from("<i", self.binary, self.at(address))
        return int(value)

    def flags(self, type: int) -> int:
        return self.binary[self.at(type) + 20]

    def kind(self, type: int) -> int:
        return self.binary[self.at(type) + 23] & _KIND

    def text(self, address: int) -> tuple[str, str, int]:
        """A name, its tag, its flags."""
        at = self.at(address)
        flags = self.binary[at]
        name, at = self._counted(at + 1)
        tag = self._counted(at)[0] if flags & _TAGGED else ""
        return name, tag, flags

    def _counted(self, at: int) -> tuple[str, int]:
        size = shift = 0
        while True:
            byte = self.binary[at]
            at += 1
            size |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return self.binary[at : at + size].decode(), at + size

    # -- types -----------------------------------------------------------------------------------------------------

    def name(self, type: int) -> str:
        """ "v1.PodSpec" """
        name = self.text(self.base + self.half(type + 40))[0]
        return name[1:] if self.flags(type) & _EXTRA_STAR else name

    def full_name(self, type: int) -> str:
        """ "k8s.io/api/core/v1.PodSpec"; empty for structs without a name."""
        if not self.flags(type) & _NAMED or not self.flags(type) & _UNCOMMON:
            return ""
        package = self.half(type + 80)
        return f"{self.text(self.base + package)[0]}.{self.name(type).rpartition('.')[2]}"

    def fields(self, type: int) -> list[tuple[str, str, str, bool]]:
        """Name, type, tag and whether it is embedded."""
        found = []
        for at in self._field_addresses(type):
            name, tag, flags = self.text(self.word(at))
            found.append((name, self.expression(self.word(at + 8)), tag, bool(flags & _EMBEDDED)))
        return found

    def _field_addresses(self, type: int) -> range:
        first, count = self.word(type + 56), self.word(type + 64)
        return range(first, first + 24 * count, 24)

    def expression(self, type: int) -> str:
        """A type as the table writes it."""
        kind = self.kind(type)
        if kind == STRUCT:
            return self.full_name(type) or self.name(type)
        if kind == POINTER:
            return "*" + self.expression(self.word(type + 48))
        if kind == SLICE:
            text = "[]" + self.expression(self.word(type + 48))
        elif kind == MAP:
            text = f"map[{self.expression(self.word(type + 48))}]{self.expression(self.word(type + 56))}"
        else:
            return self.name(type)
        return f"{self.name(type)}:{text}" if self.flags(type) & _NAMED else text

    def structs(self) -> list[int]:
        """The addresses of every struct type."""
        waiting, seen, found = list(self.roots), set(self.roots), []
        while waiting:
            type = waiting.pop()
            kind = self.kind(type)
            below: list[int] = []
            if kind in (POINTER, SLICE, ARRAY):
                below = [self.word(type + 48)]
            elif kind == MAP:
                below = [self.word(type + 48), self.word(type + 56)]
            elif kind == STRUCT:
                found.append(type)
                below = [self.word(at + 8) for at in self._field_addresses(type)]
            waiting += [item for item in below if item not in seen]
            seen.update(below)
        return found
