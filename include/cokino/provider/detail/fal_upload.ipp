// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// fal: a start frame on its way to fal's storage, in two steps. [providers/fal-replicate.md A8.1]
#pragma once

#include <cokino/core/limits.hpp>
#include <cokino/provider/detail/fal_facts.hpp>
#include <cokino/provider/fal.hpp>
#include <cokino/version.hpp>
#include <cokino/wire/json_reader.hpp>
#include <cokino/wire/json_writer.hpp>

#include <string>
#include <utility>

namespace cokino {

/// Where bytes may go and be fetched from again: over https, or to an origin that the user named.
COKINO_DECL bool fal::may_upload_to(const wire::url& link) const noexcept
{
    if (link.where().tls() || !prepared_[0].head || !announce_)
        return link.where().tls();
    return link.where() == prepared_[0].head->url().where() ||
           link.where() == announce_->url().where();
}

COKINO_DECL result<wire::request> fal::encode_upload(const media_upload& m) const
{
    if (problem_)
        return *problem_;
    if (m.target.empty()) {
        std::string body;
        wire::json_writer w(body);
        w.begin_object()
            .member("content_type", m.content_type)
            .member("file_name", m.file_name)
            .end_object();
        if (auto written = w.finish(); !written)
            return written.error();
        return wire::request(announce_, std::move(body));
    }
    const auto link = wire::url::parse(m.target);
    if (!link || !may_upload_to(*link)) {
        failure f(errc::link_refused);
        f.explain("fal named no https link to upload to", "upload");
        f.edit().host = access_.host();
        return f;
    }
    // The link is signed, and of another host than the key's: the key stays at home.
    wire::head_builder builder(wire::method::put, *link);
    builder.field("User-Agent", "cokino/" COKINO_VERSION);
    builder.field("Content-Type", m.content_type);
    auto head = builder.build();
    if (!head)
        return head.error();
    wire::request out(std::move(*head));
    out.borrowed = m.bytes;
    // A link from an answer may not lead into the user's own network, unless the user's own
    // settings lead there already.
    out.public_addresses_only = link->where() != prepared_[0].head->url().where();
    return out;
}

COKINO_DECL result<void> fal::decode_upload(media_upload& m, const wire::response& answer) const
{
    namespace facts = detail::fal_facts;
    const bool announced = !m.target.empty();
    if (!answer.ok()) {
        const detail::host_words words = facts::words_of(answer);
        errc e = facts::meaning_of(answer.status, words, false);
        // The second link carries no key, so that its refusal says nothing of one.
        if (announced && (e == errc::unauthorised || e == errc::forbidden || e == errc::not_found))
            e = errc::link_expired;
        failure f = access_.refusal(e, "upload", answer, words);
        f.edit().billed = billing::no;
        return f;
    }
    if (announced) {
        m.url = m.note;
        return {};
    }
    static constexpr wire::json_path to_path("upload_url"), file_path("file_url");
    wire::json_fields wanted;
    wanted.need_string(to_path, m.target).need_string(file_path, m.note);
    auto read = wanted.read(answer.body());
    const auto file = wire::url::parse(m.note);
    if (read && file && wire::url::parse(m.target) && may_upload_to(*file))
        return {};
    m.target.clear();
    m.note.clear();
    failure f = read ? failure(errc::answer_malformed, fate::answered) : read.error();
    if (read)
        f.explain("upload_url and file_url are no links to upload to and to fetch from");
    return access_.complete(std::move(f), "upload", answer);
}

} // namespace cokino
