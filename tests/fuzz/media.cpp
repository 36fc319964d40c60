// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Files from outside: pictures (0) and clips (1). Input: one byte for the kind, then the file.
#include "fuzz.hpp"

#include <cokino/wire/image_probe.hpp>
#include <cokino/wire/mp4_probe.hpp>

namespace {

using namespace cokino;
using fuzz::require;

void picture(std::string_view bytes)
{
    auto const facts = wire::probe_image(bytes);
    if (!facts)
        return fuzz::check(facts.error());
    require(facts->width > 0 && facts->height > 0, "a picture has sides");
    require(wire::name_of(facts->format) != "?", "a picture has a format");
    // Nothing behind the headers counts.
    auto const more = wire::probe_image(std::string(bytes) + "\xff\xd9");
    require(more && more->width == facts->width && more->height == facts->height,
            "only the headers count");
}

struct counting_reader final : wire::byte_reader {
    explicit counting_reader(std::string_view bytes) : inner(bytes) {}
    std::uint64_t size() const noexcept override { return inner.size(); }
    result<void> read_at(std::uint64_t offset, std::span<unsigned char> to) override
    {
        ++reads;
        require(offset <= inner.size() && to.size() <= inner.size() - offset,
                "nothing is read past the end");
        return inner.read_at(offset, to);
    }
    wire::memory_reader inner;
    std::size_t reads = 0;
};

void clip(std::string_view bytes)
{
    counting_reader file(bytes);
    auto const info = wire::probe_mp4(file);
    require(file.reads <= 8 + bytes.size(), "reads are few");
    if (!info)
        return fuzz::check(info.error());
    require(info->width > 0 && info->height > 0, "a clip has sides");
    require(info->coded_width > 0 && info->coded_height > 0, "its pictures have sides");
    require(info->duration.count() >= 0, "a clip's length is not negative");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    fuzz::input in(data, size);
    if (in.choice(2) == 0)
        picture(in.rest());
    else
        clip(in.rest());
    return 0;
}
