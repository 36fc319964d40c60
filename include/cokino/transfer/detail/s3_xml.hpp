// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The XML that S3-compatible services answer with: elements and text, nothing else of the language.
// Strict and bounded; what is not understood is refused, not guessed.
#pragma once

#include <cokino/core/config.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cokino::detail {

/// One element: the names above it and its own ("ListPartsResult/Part/ETag", without prefixes of
/// namespaces), and the text that stands directly in it, without blanks at its ends.
struct xml_element {
    xml_element() = default;

    std::string path;
    std::string text;
};

inline constexpr std::size_t xml_bytes_max = 1024 * 1024;
/// The deepest known answer has 4 levels.
inline constexpr std::size_t xml_depth_max = 16;
/// A thousand uploads with a dozen fields each.
inline constexpr std::size_t xml_elements_max = 20'000;

/// All elements in the order of their beginnings, the root first. Nothing for text that is no
/// well-formed XML of this kind: document types, processing instructions behind the first line,
/// unknown entities, wrong nesting, a second root, characters that XML forbids, or too much of it.
COKINO_DECL std::optional<std::vector<xml_element>> read_xml(std::string_view text);

/// The text of the first element with this path; empty where there is none.
COKINO_DECL std::string_view xml_text(const std::vector<xml_element>& all,
                                      std::string_view path) noexcept;

/// Text as it may stand in an element.
COKINO_DECL std::string xml_escape(std::string_view text);

} // namespace cokino::detail

#if !defined(COKINO_SEPARATE_COMPILATION)
#include <cokino/transfer/impl/s3_xml.ipp>
#endif
