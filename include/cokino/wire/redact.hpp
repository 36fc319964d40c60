// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What of a URL, a header or an answer may be seen in logs and errors. By allow-list: a name that
// nobody vouched for hides its value, because the next host's secret has a name not yet known.
// Free text from a host cannot be judged by name; of that, whatever looks like a key is hidden.
#pragma once

#include <cokino/core/config.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace cokino::wire {

/// What stands in the place of a hidden text.
inline constexpr std::string_view hidden_text = "***";

/// A URL's query (without '?'): the values of all but harmless names are hidden.
COKINO_DECL std::string redact_query(std::string_view query);

/// Any text that should be a link: user info, fragment and query values are hidden, and all of it
/// when it is no http(s) URL.
COKINO_DECL std::string redact_link(std::string_view link);

/// A header field's value: shown for harmless names, shortened to a link's harmless parts for
/// Location, else hidden.
COKINO_DECL std::string redact_field(std::string_view name, std::string_view value);

/// JSON text by its tokens, valid or cut off: ids, states, codes and times are shown, a host's
/// sentences are treated as redact_text does, all other strings are hidden (prompts, links, data
/// URIs, whatever comes next year). At most about `bytes_max` bytes.
COKINO_DECL std::string redact_json(std::string_view json, std::size_t bytes_max);

/// Free text: links lose their queries, data URIs and long or key-like words are hidden, control
/// characters become blanks. At most about `bytes_max` bytes.
COKINO_DECL std::string redact_text(std::string_view text, std::size_t bytes_max);

/// A body of unknown kind: redact_json when it begins like JSON; of an object store's error in XML
/// its code and sentence ("AccessDenied: Request has expired"), the sentence treated as redact_text
/// does; else redact_text, without an XML declaration. At most about `bytes_max` bytes.
COKINO_DECL std::string redact_answer(std::string_view body, std::size_t bytes_max);

} // namespace cokino::wire

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/wire/impl/redact.ipp>
#endif
