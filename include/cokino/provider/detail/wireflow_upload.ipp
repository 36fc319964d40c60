// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// Wireflow: pictures on their way to its storage. [5.6] of
// providers/kling-kie-piapi-pollo-wireflow.md. A link is fetched by the host itself; a file of up
// to 4 MB goes as a form, a larger one to a signed link, without the key.
#pragma once

#include <cokino/provider/detail/wireflow_facts.hpp>
#include <cokino/provider/wireflow.hpp>
#include <cokino/version.hpp>
#include <cokino/wire/json_reader.hpp>
#include <cokino/wire/json_view.hpp>
#include <cokino/wire/json_writer.hpp>

#include <utility>

namespace cokino {

COKINO_DECL result<wire::request> wireflow::encode_json(const char* path, std::string&& body) const
{
    auto head = access_.head_below(wire::method::post, path);
    if (!head)
        return head.error();
    return wire::request(std::move(*head), std::move(body));
}

COKINO_DECL result<wire::request> wireflow::encode_upload(const media_upload& m) const
{
    if (problem_)
        return *problem_;
    if (!m.target.empty())
        return encode_put(m);
    const bool signed_link =
        m.link.empty() && m.bytes.size() > detail::wireflow_facts::form_bytes_max;
    if (m.link.empty() && !signed_link)
        return encode_form(m);
    std::string body;
    wire::json_writer w(body);
    w.begin_object();
    const char* path = "/media/upload";
    if (!m.link.empty()) {
        w.member("url", m.link);
    } else if (!m.note.empty()) {
        path = "/media/upload-url/complete";
        w.member("mediaId", m.note); // the member's name is a guess: I
    } else {
        path = "/media/upload-url"; // the members' names are a guess: I
        w.member("filename", m.file_name).member("contentType", m.content_type);
        w.member("size", m.bytes.size());
    }
    w.end_object();
    if (auto written = w.finish(); !written)
        return written.error();
    return encode_json(path, std::move(body));
}

// C: the part must say its type.
COKINO_DECL result<wire::request> wireflow::encode_form(const media_upload& m) const
{
    std::string mark = "cokino-frame-0";
    for (int i = 1; m.bytes.find(mark) != std::string_view::npos; ++i)
        mark = "cokino-frame-" + detail::to_text(i);
    detail::header_fields fields;
    fields.emplace_back("Content-Type", "multipart/form-data; boundary=" + mark);
    auto head = access_.head_below(wire::method::post, "/media/upload", fields);
    if (!head)
        return head.error();
    std::string body;
    body.reserve(m.bytes.size() + 256);
    body.append("--").append(mark);
    body.append("\r\nContent-Disposition: form-data; name=\"file\"; filename=\"");
    body.append(m.file_name).append("\"\r\nContent-Type: ").append(m.content_type);
    body.append("\r\n\r\n").append(m.bytes).append("\r\n--").append(mark).append("--\r\n");
    return wire::request(std::move(*head), std::move(body));
}

/// Where bytes may go: over https, or to the origin that the user named.
COKINO_DECL bool wireflow::may_upload_to(const wire::url& link) const noexcept
{
    return link.where().tls() || link.where() == base_.where();
}

// C: exactly the headers that were told, and no key. Content-Length is the transport's.
COKINO_DECL result<wire::request> wireflow::encode_put(const media_upload& m) const
{
    const auto link = wire::url::parse(m.target);
    if (!link || !may_upload_to(*link)) {
        failure f(errc::link_refused);
        f.explain("wireflow named no https link to upload to", "upload");
        f.edit().host = access_.host();
        return f;
    }
    wire::head_builder builder(wire::method::put, *link);
    builder.field("User-Agent", "cokino/" COKINO_VERSION).field("Content-Type", m.content_type);
    auto head = builder.build();
    if (!head)
        return head.error();
    wire::request out(std::move(*head));
    out.borrowed = m.bytes;
    // A link from an answer may not lead into the user's own network, unless the user's own
    // settings lead there already.
    out.public_addresses_only = link->where() != base_.where();
    return out;
}

COKINO_DECL result<void> wireflow::decode_upload(media_upload& m,
                                                 const wire::response& answer) const
{
    namespace facts = detail::wireflow_facts;
    const bool put = !m.target.empty();
    if (!answer.ok()) {
        const detail::host_words words = facts::words_of(answer);
        errc e = facts::meaning_of(answer, words);
        // The signed link carries no key, so that its refusal says nothing of one.
        if (put && (e == errc::unauthorised || e == errc::forbidden || e == errc::not_found))
            e = errc::link_expired;
        failure f = access_.refusal(e, "upload", answer, words);
        f.edit().billed = billing::no;
        return f;
    }
    if (put) {
        m.target.clear();
        return {};
    }
    static constexpr wire::json_path url_path("data.url"), to_path("data.uploadUrl"),
        id_path("data.mediaId");
    std::string url, to, id;
    wire::json_fields wanted;
    wanted.string(url_path, url).string(to_path, to).text(id_path, id);
    if (auto read = wanted.read(answer.body()); !read)
        return access_.complete(read.error(), "upload", answer);
    const auto link = wire::url::parse(to);
    if (m.note.empty() && link && may_upload_to(*link) && detail::is_job_id(id)) {
        m.target = std::move(to);
        m.note = std::move(id);
        return {};
    }
    if (check_frame(url, "upload")) {
        m.url = std::move(url);
        return {};
    }
    failure f(errc::answer_malformed, fate::answered);
    f.explain("its answer to an upload names no link in its own storage");
    return access_.complete(std::move(f), "upload", answer);
}

} // namespace cokino
