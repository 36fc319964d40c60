#!/usr/bin/env python3
"""Shows each rule of check_style.py and check_layers.py a text it must flag and one it must not: a
check that cannot fail is none."""
import sys

import check_layers
import check_style
from cpp_source import Source

HEAD = check_style.LICENCE + "\n//\n// A text for the checks.\n"


def coroutine(body, before=""):
    return f"{HEAD}{before}\nasio::awaitable<void> f()\n{{\n{body}\n}}\n"


def function(lines):
    return HEAD + "int f()\n{\n" + "    g();\n" * lines + "}\n"


# rule: (path, bad, good); bad and good may be lists.
STYLE = {
    "LONGLINE": ("tests/a/x.cpp", HEAD + "// " + "x" * 98, HEAD + "// " + "x" * 97),
    "LONGFILE": ("tests/a/x.cpp", HEAD + "\n" * 500, HEAD + "\n" * 496),
    "LONGFUNC": ("tests/a/x.cpp",
                 [function(68), HEAD + "TEST_CASE(\"a; {\")\n{\n" + "    g();\n" * 68 + "}\n",
                  HEAD + "struct s {\n    s() : a_{1}, b_(2)\n    {\n" + "g();\n" * 68 + "}\n};\n",
                  HEAD + "namespace n {\ntemplate <class T>\nauto f(T t) -> T\n    requires x<T>\n{\n"
                  + "g();\n" * 66 + "}\n}\n"],
                 [function(67), HEAD + 'TEST_SUITE("a")\n{\n' + 'TEST_CASE("b")\n{\n g();\n}\n' * 30 + "}\n",
                  HEAD + "namespace n {\n" + "int a();\n" * 80 + "}\n",
                  HEAD + "int a[] = {\n" + "1,\n" * 80 + "};\n"]),
    "LICENCE": ("tests/a/x.cpp", "// Licence: none\n", HEAD),
    "PRAGMA": ("include/cokino/core/x.hpp",
               [HEAD, HEAD + "#include <a>\n#pragma once\n"], HEAD + "#pragma once\n#include <a>\n"),
    "AWAITBRACE": ("tests/a/x.cpp",
                   [coroutine("co_await g({.prompt = p});"), coroutine("auto r = co_await g(req{p});"),
                    coroutine("co_await g(a,\n  request{});"), coroutine("if (x)\n co_return co_await g({});")],
                   [coroutine("auto r = req{p};\nco_await g(r);"), coroutine("co_await g(text_to_video{p});"),
                    coroutine("co_await g([](int a) { return req{a}; });"),
                    coroutine("for (auto x : {1, 2}) {\n co_await g(x);\n}"),
                    coroutine("co_await g(std::chrono::seconds{5}, wait_options{.a = 1});")]),
    "AWAITINIT": ("tests/a/x.cpp",
                  [coroutine("auto r = req{.a = co_await g()};"), coroutine("v.push_back({co_await g()});")],
                  coroutine("auto a = co_await g();\nauto r = req{.a = a};")),
    "AWAITCOND": ("tests/a/x.cpp",
                  [coroutine("if (co_await g()) {\n h();\n}"), coroutine("while (!(co_await g()).ok())\n h();"),
                   coroutine("switch (co_await g()) {\n default: break;\n}")],
                  [coroutine("auto a = co_await g();\nif (a) {\n co_await h();\n}"),
                   coroutine("if (a)\n co_await h();")]),
    "AWAITTERNARY": ("tests/a/x.cpp", [coroutine("auto a = b ? co_await g() : c;"),
                                       coroutine("auto a = (co_await g()) ? 1 : 2;")],
                     [coroutine("auto a = b ? 1 : 2;\nco_await g(a);"), coroutine("co_await g(b ? 1 : 2);")]),
    "AWAITCATCH": ("tests/a/x.cpp",
                   [coroutine("try {\n g();\n} catch (...) {\n co_await h();\n}"),
                    coroutine("try {\n g();\n} catch (const e& x) {\n if (x) {\n co_await h();\n}\n}")],
                   coroutine("try {\n co_await g();\n} catch (...) {\n h();\n}\nco_await h();")),
    "AWAITBIND": ("tests/a/x.cpp", [coroutine("auto [a, b] = co_await g();"),
                                    coroutine("const auto& [a, b] = co_await g();")],
                  coroutine("auto r = co_await g();\nauto& [a, b] = r;")),
    "CHECKAWAIT": ("tests/a/x.cpp", [HEAD + 'TEST_SUITE("a")\n{\nawaitable<void> f()\n{\n CHECK(co_await g());\n}\n}\n',
                                     coroutine("CHECK(co_await g());"),
                                     coroutine("REQUIRE_EQ(1,\n (co_await g()).x);")],
                   coroutine("auto r = co_await g();\nCHECK(r);")),
    "COROLAMBDA": ("tests/a/x.cpp",
                   [HEAD + "void f()\n{\n run([&]() -> awaitable<void> { co_await g(); });\n}\n",
                    HEAD + "void f()\n{\n auto l = [x](int a) -> awaitable<int> {\n if (a) {\n co_return 1;\n}\n};\n}\n",
                    coroutine("co_await g([name](auto p) { return name; });")],
                   [HEAD + "void f()\n{\n run([]() -> awaitable<void> { co_await g(); });\n}\n",
                    coroutine("auto l = [name](auto p) { return name; };\nco_await g(l);"),
                    HEAD + "void f()\n{\n run([x] { return g(x); });\n}\n",
                    coroutine("co_await g([&](auto p) { return name; });")]),
    "COROREF": ("include/cokino/client/impl/x.ipp",
                [HEAD + "awaitable<void> f(std::string_view a)\n{\n co_await g();\n}\n",
                 HEAD + "awaitable<void> c::f(int a, const request& b) const\n{\n for (;;) {\n co_await g();\n}\n}\n",
                 HEAD + "awaitable<int> f(request&& b)\n{\n co_return 1;\n}\n",
                 HEAD + "awaitable<int> f(std::vector<int>& b)\n{\n co_return 1;\n}\n",
                 HEAD + "awaitable<int> f(std::span<const char> b)\n{\n co_return 1;\n}\n"],
                [HEAD + "awaitable<void> f(std::string_view a)\n{\n return g(std::string(a));\n}\n",
                 HEAD + "awaitable<void> f(net::transport& t, std::string a)\n{\n co_await g();\n}\n",
                 HEAD + "awaitable<void> f(const x& t) // cokino-allow COROREF: lives in main\n{\n co_await g();\n}\n"]),
    "RAWCLOCK": ("include/cokino/client/x.ipp",
                 [HEAD + "auto a = std::chrono::steady_clock::now();", HEAD + "auto a = time(nullptr);"],
                 [HEAD + "auto a = time_of(ex).now();", HEAD + "// steady_clock::now()",
                  HEAD + "auto a = \"steady_clock::now()\";"]),
    "RAWRAND": ("include/cokino/client/x.ipp", [HEAD + "std::random_device d;", HEAD + "int a = rand();"],
                HEAD + "random_source a{1};"),
    "SLEEP": ("tests/a/x.cpp",
              [HEAD + "std::this_thread::sleep_for(a);", HEAD + "asio::steady_timer t{ex};", HEAD + "usleep(3);"],
              coroutine("co_await cokino::sleep_for(5s);")),
    "KEYFUNC": ("include/cokino/client/x.hpp",
                [HEAD + "#pragma once\nclass a : b {\n void f() override;\n};", HEAD + "#pragma once\nclass a : b {\n COKINO_DECL void f() override;\n int\n g(int c) override;\n};"],
                [HEAD + "#pragma once\nclass a : b {\n COKINO_DECL void f(\n int c) override;\n void g() override {}\n virtual void h() = 0;\n};"]),
    "SECRETPRINT": ("include/cokino/net/x.ipp",
                    [HEAD + "void f()\n{\n out << key.reveal();\n}\n", HEAD + "void f()\n{\n log_it(a, key.reveal());\n}\n"],
                    HEAD + "void f()\n{\n header.set(\"authorization\", key.reveal());\n out << a;\n}\n"),
    "UNREAD": ("tests/a/x.cpp", HEAD + "void f()\n{\n strange(word) more {\n a(); \n}\n}\n",
               [HEAD + "void f()\n{\n if (auto a = b(); a) {\n c();\n } else if (d) {\n e();\n }\n}\n",
                HEAD + "void f()\n{\n const struct {\n int a;\n } b[] = {{1}, {2}};\n}\n",
                HEAD + "auto f = g({1}, [](int a) { b(); return c{a}; });\n"]),
    "EXEMPTION": ("tests/a/x.cpp", [HEAD + "int a; // cokino-allow RAWCLOCK", HEAD + "int a; // cokino-allow NOSUCH: x"],
                  HEAD + "int a; // cokino-allow RAWCLOCK: shows the form"),
}

# (path, include, may it?)
LAYERS = [
    ("include/cokino/policy/a.hpp", "<cokino/core/error.hpp>", True),
    ("include/cokino/policy/a.hpp", "<cokino/async/sleep.hpp>", False),
    ("include/cokino/policy/a.hpp", "<boost/asio/post.hpp>", False),
    ("include/cokino/policy/a.hpp", "<vector>", True),
    ("include/cokino/core/a.hpp", "<boost/system/result.hpp>", True),
    ("include/cokino/core/a.hpp", "<boost/json.hpp>", False),
    ("include/cokino/wire/a.hpp", "<openssl/hmac.h>", True),
    ("include/cokino/model/a.hpp", "<boost/json.hpp>", False),
    ("include/cokino/async/a.hpp", "<boost/beast.hpp>", False),
    ("include/cokino/net/impl/a.ipp", "<boost/beast/http.hpp>", True),
    ("include/cokino/net/impl/a.ipp", "<cokino/net/detail/b.hpp>", True),
    ("include/cokino/client/a.hpp", "<cokino/net/detail/b.hpp>", False),
    ("include/cokino/client/a.hpp", "<cokino/provider/provider.hpp>", True),
    ("include/cokino/client/a.hpp", "<cokino/provider/fal.hpp>", False),
    ("include/cokino/client/a.hpp", "<cokino/transfer/download.hpp>", False),
    ("include/cokino/transfer/a.hpp", "<cokino/client/wait.hpp>", False),
    ("include/cokino/provider/fal.hpp", "<cokino/provider/rest.hpp>", False),
    ("include/cokino/provider/fal.hpp", "<cokino/provider/provider.hpp>", True),
    ("include/cokino/provider/fal.hpp", "<cokino/provider/detail/json.hpp>", True),
    ("include/cokino/provider/src.hpp", "<cokino/provider/impl/fal.ipp>", True),
    ("include/cokino/provider/impl/fal.ipp", "<cokino/provider/rest.hpp>", False),
    ("include/cokino/net/a.hpp", "<cokino/testing/virtual_time.hpp>", False),
    ("include/cokino/client.hpp", "<cokino/testing/virtual_time.hpp>", False),
    ("include/cokino/client.hpp", "<cokino/transfer/download.hpp>", True),
    ("include/cokino/cokino.hpp", "<cokino/client.hpp>", True),
    ("include/cokino/net/a.hpp", "<cokino/cokino.hpp>", False),
    ("include/cokino/net/a.hpp", "<cokino/client.hpp>", False),
    ("include/cokino/net/a.hpp", "<cokino/version.hpp>", True),
    ("include/cokino/testing/a.hpp", "<cokino/client/wait.hpp>", True),
    ("include/cokino/testing/a.hpp", "<cokino/net/detail/b.hpp>", False),
    ("include/cokino/testing/a.hpp", "<cokino/cokino.hpp>", False),
    ("include/cokino/net/detail/pool_fsm.hpp", "<cokino/async/event.hpp>", False),
    ("include/cokino/net/detail/pool_fsm.hpp", "<boost/asio/post.hpp>", False),
    ("include/cokino/net/detail/pool_fsm.hpp", "<boost/asio/cancellation_type.hpp>", True),
    ("include/cokino/webhook/a.hpp", "<cokino/client/wait.hpp>", False),
    ("include/cokino/nowhere/a.hpp", "<vector>", False),
]


def texts(value):
    return value if isinstance(value, list) else [value]


def main():
    wrong = []
    for rule in check_style.RULES.keys() - STYLE.keys():
        wrong.append(f"{rule}: has no self-test")
    for rule, (path, bad, good) in STYLE.items():
        for expected, group in ((True, bad), (False, good)):
            for text in texts(group):
                found = check_style.check_source(Source(path, text))
                if any(f": {rule}: " in line for line in found) != expected:
                    wrong.append(f"{rule}: {'missed' if expected else 'false timer'} in:\n{text[len(HEAD):][:300]}")
    for path, include, allowed in LAYERS:
        text = f"{HEAD}#pragma once\n#include {include}\n"
        found = check_layers.check_source(Source(path, text))
        if bool(found) == allowed:
            wrong.append(f"LAYER: {path} {'may' if allowed else 'may not'} include {include}: {found}")
        marked = Source(path, text.replace(include, include + " // cokino-allow LAYER: test"))
        if not path.startswith("include/cokino/nowhere") and check_layers.check_source(marked):
            wrong.append(f"LAYER: exemption ignored: {path} {include}")
    print("\n".join(wrong) or "self-test: each rule flags the bad form and leaves the good one")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
