#!/usr/bin/env python3
"""The layer table: who may include whom. Prints FILE:LINE: LAYER: ... for each breach; with --table
it prints the table. The first folder below include/cokino/ is the layer; the headers that stand
directly there are the facade, which joins what the layers below keep apart.

An exemption is a trailing comment:   // cokino-allow LAYER: reason
"""
import re
import sys

from cpp_source import Source, project_files

ASIO, BEAST, JSON, OPENSSL = "boost/asio", "boost/beast", "boost/json", "openssl/"
# Small parts of Boost without I/O, free to every layer.
EVERYWHERE = ("boost/system/", "boost/version.hpp", "boost/config.hpp", "boost/assert")

# What else is watched beside Boost; the rest is taken for the standard library or the system's.
FOREIGN = (OPENSSL, "sqlite3.h", "libpq", "postgresql/", "curl/", "doctest/", "nlohmann/")

# layer: (layers it may include, what from outside beyond std)
TABLE = {
    "core": ((), ()),
    "policy": (("core",), ()),
    "async": (("core",), (ASIO,)),
    "model": (("core",), ()),
    "wire": (("core",), (JSON, OPENSSL)),
    "provider": (("core", "model", "wire"), (JSON,)),
    "net": (("core", "policy", "async", "wire"), (ASIO, BEAST, OPENSSL)),
    "store": (("core", "async", "model"), (ASIO, "sqlite3.h", "libpq")),
    "client": (("core", "policy", "async", "model", "wire", "net", "store", "provider"), (ASIO,)),
    "transfer": (("core", "policy", "async", "model", "wire", "net"), (ASIO,)),
    "webhook": (("core", "async", "model", "wire", "net"), (ASIO, BEAST)),
}
_ALL = tuple(TABLE)
TABLE["pipeline"] = (_ALL, (ASIO,))
TABLE["facade"] = ((*_ALL, "pipeline", "facade"), ("",))
TABLE["testing"] = ((*_ALL, "pipeline", "facade"), ("",))

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*[<"]([^>"]+)[>"]', re.M)
FREE = ("cokino/version.hpp",)
SHARED_IN_PROVIDER = {"provider", "host_facts"}


def layer_of(path):
    """The layer of a path that starts at cokino/."""
    parts = path.split("/")
    return parts[1] if len(parts) > 2 and parts[1] != "impl" else "facade"


def stem(path):
    return path.rsplit("/", 1)[1].rsplit(".", 1)[0]


def refusal_within(layer, own, target):
    """Why a file may not include another header of cokino, or None."""
    to = layer_of(target)
    if to == layer:
        vendor = layer == "provider" and "/detail/" not in target and "/detail/" not in own
        if vendor and stem(own) != stem(target):
            if stem(target) not in SHARED_IN_PROVIDER and stem(own) != "src":
                return "vendor headers do not include each other"
        return None
    if "/detail/" in target or "/impl/" in target:
        return f"{target} is private to {to}"
    if target == "cokino/cokino.hpp":
        return "nobody inside includes the umbrella"
    if to not in TABLE[layer][0]:
        return f"layer {layer} may not include {to}"
    if layer in ("client", "store") and to == "provider" and target != "cokino/provider/provider.hpp":
        return f"layer {layer} sees dialects through provider/provider.hpp only"
    return None


def refusal(own, target):
    layer = layer_of(own)
    if layer not in TABLE:
        return f"{layer} is no layer of the table"
    if target in FREE:
        return None
    machine = own.endswith("_fsm.hpp") and "/detail/" in own
    if target.startswith("cokino/"):
        if machine and layer_of(target) in ("async", "net") and layer_of(target) != layer:
            return "a machine knows nothing of the event loop"
        return refusal_within(layer, own, target)
    if machine and target.startswith(ASIO) and target != "boost/asio/cancellation_type.hpp":
        return "a machine knows nothing of the event loop"
    watched = target.startswith(("boost/", *FOREIGN)) and not target.startswith(EVERYWHERE)
    if watched and not target.startswith(TABLE[layer][1]):
        return f"layer {layer} may not include <{target}>"
    return None


def check_source(source):
    own = source.path.removeprefix("include/")
    found = []
    for match in INCLUDE.finditer(source.text):
        line = source.line_of(match.start(1))
        reason = refusal(own, match.group(1))
        if reason and not source.allowed("LAYER", line):
            found.append(f"{source.path}:{line}: LAYER: {reason}")
    return found


def print_table():
    for layer, (inside, outside) in TABLE.items():
        parts = ", ".join(inside) or "-"
        print(f"{layer:9} includes {parts}; outside: {', '.join(o for o in outside if o) or 'std'}")


def main(arguments):
    if arguments == ["--table"]:
        print_table()
        return 0
    found = [text for name in project_files(folders=["include"]) for text in check_source(Source(name))]
    print("\n".join(found) or "layers: every include is allowed")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
