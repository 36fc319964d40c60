// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// The second half of transfer/detail/bucket_upload.hpp: how the object comes under its key.
#pragma once

#include <cokino/core/text.hpp>
#include <cokino/transfer/detail/bucket_upload.hpp>
#include <cokino/transfer/detail/s3_xml.hpp>
#include <cokino/wire/digest_header.hpp>

#include <utility>

namespace cokino::detail {

COKINO_DECL std::string bucket_upload::completion() const
{
    std::string out = "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
    for (std::size_t i = 0; i < parts_.size(); ++i) {
        out += "<Part><PartNumber>" + to_text(i + 1) + "</PartNumber><ETag>" +
               xml_escape(parts_[i].etag) + "</ETag>";
        if (core_->options.checksums)
            out += "<ChecksumSHA256>" + wire::base64_encode(parts_[i].sha256) + "</ChecksumSHA256>";
        out += "</Part>";
    }
    return out += "</CompleteMultipartUpload>";
}

inline std::string_view unquoted(std::string_view etag) noexcept
{
    if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"')
        return etag.substr(1, etag.size() - 2);
    return etag;
}

// By the services' custom the object's tag is the MD5 of the parts' MD5s, and those are their tags.
// Where that does not hold, the tags simply differ.
COKINO_DECL std::string bucket_upload::etag_of_parts() const
{
    wire::running_digest digest(wire::digest_kind::md5);
    if (!digest.usable())
        return {};
    for (const auto& part : parts_) {
        const auto bytes = wire::hex_decode(unquoted(part.etag));
        if (!bytes || bytes->size() != 16)
            return {};
        digest.update(*bytes);
    }
    return wire::hex_encode(digest.finish()) + "-" + to_text(parts_.size());
}

// What AWS calls a composite checksum: the digest of the parts' digests.
COKINO_DECL std::string bucket_upload::checksum_of_parts() const
{
    wire::sha256 digest;
    for (const auto& part : parts_)
        digest.update(part.sha256);
    return wire::base64_encode(digest_bytes(digest.finish())) + "-" + to_text(parts_.size());
}

COKINO_DECL bool bucket_upload::is_same(const s3_answer& found) const
{
    if (found.upload == mark_)
        return true;
    if (found.length != bytes_)
        return false;
    if (!sha256_.empty() && found.sha256 == sha256_)
        return true;
    if (!parts_.empty() && !found.checksum.empty() && found.checksum == checksum_of_parts())
        return true;
    const auto tag = parts_.empty() ? std::string() : etag_of_parts();
    return !tag.empty() && unquoted(found.etag) == tag;
}

COKINO_DECL awaitable<result<object_info>> bucket_upload::place(pointer self)
{
    const auto started = self->core_->time.now();
    placing_rules rules;
    rules.conditional = !self->options_.overwrite;
    rules.in_parts = !self->id_.empty();
    rules.tries_max = self->core_->options.tries_max;
    self->fsm_.emplace(rules);
    auto& fsm = *self->fsm_;
    placing_action next = fsm.start();
    while (next.what != placing_action::kind::done && next.what != placing_action::kind::fail) {
        switch (next.what) {
        case placing_action::kind::look: next = co_await look(self); break;
        case placing_action::kind::place: next = co_await one_try(self, next.conditional); break;
        case placing_action::kind::list: next = co_await list(self); break;
        default: {
            auto why = self->core_->described(std::move(next.why), self->operation_, started);
            co_await bucket_core::back_off(self->core_, self->operation_, next.step, false,
                                           std::chrono::milliseconds(0), std::move(why));
            next = fsm.on_waited();
        }
        }
    }
    if (next.what == placing_action::kind::fail)
        co_return self->core_->described(std::move(next.why), self->operation_, started);
    self->body_ = std::string();
    object_info& info = self->stored_;
    // Made by a try of ours that was thought to have failed: it was not there before.
    info.existed = next.existed && info.upload != self->mark_;
    info.key = self->key_;
    info.bytes = self->bytes_;
    if (info.sha256.empty())
        info.sha256 = self->sha256_;
    if (!info.existed) {
        info.upload = self->mark_;
        self->give_id(); // the upload in parts has become the object
    }
    co_return info;
}

COKINO_DECL awaitable<placing_action> bucket_upload::one_try(pointer self, bool conditional)
{
    const bool in_parts = !self->id_.empty();
    s3_request r = self->request(in_parts ? wire::method::post : wire::method::put);
    if (in_parts) {
        r.query.emplace_back("uploadId", self->id_);
        r.fields.emplace_back("content-type", "application/xml");
    } else {
        self->describe(r);
        if (self->core_->options.checksums)
            r.fields.emplace_back("x-amz-checksum-sha256",
                                  wire::base64_encode(*wire::hex_decode(self->body_digest_)));
    }
    if (conditional)
        r.fields.emplace_back("if-none-match", "*");
    r.body = self->body_;
    r.digest = self->body_digest_;
    r.repeats = false;
    const auto answer = co_await bucket_core::call(self->core_, std::move(r));
    failure why;
    const auto came = read_placing_answer(answer, in_parts, why);
    if (came == placing_answer::stored) {
        self->stored_ = object_info();
        if (in_parts)
            self->stored_.etag = *s3_field(*answer, "CompleteMultipartUploadResult", "ETag");
        else
            self->stored_.etag = answer->etag;
    }
    co_return self->fsm_->on_answer(came, std::move(why));
}

COKINO_DECL awaitable<placing_action> bucket_upload::look(pointer self)
{
    s3_request r = self->request(wire::method::head);
    if (self->core_->options.checksums)
        r.fields.emplace_back("x-amz-checksum-mode", "ENABLED");
    const auto answer = co_await bucket_core::call(self->core_, std::move(r));
    auto found = placing_look::unknown;
    failure why = answer.error();
    if (answer && answer->status == 404)
        found = placing_look::absent;
    if (answer && !answer->ok())
        why = s3_failure(*answer);
    if (answer && answer->ok()) {
        found = self->is_same(*answer) ? placing_look::same : placing_look::other;
        auto& info = self->stored_;
        info.etag = answer->etag;
        info.sha256 = answer->sha256;
        info.upload = answer->upload;
        info.content_type = answer->content_type;
    }
    co_return self->fsm_->on_look(found, std::move(why));
}

// Whether the parts that were confirmed are still what the service has.
COKINO_DECL awaitable<placing_action> bucket_upload::list(pointer self)
{
    std::size_t good = 0;
    std::string marker;
    for (unsigned page = 0; page < 100; ++page) {
        s3_request r = self->request(wire::method::get);
        r.query.emplace_back("uploadId", self->id_);
        if (!marker.empty())
            r.query.emplace_back("part-number-marker", marker);
        const auto answer = co_await bucket_core::call(self->core_, std::move(r));
        if (answer && answer->status == 404)
            co_return self->fsm_->on_parts(placing_parts::gone);
        if (!answer || !answer->ok())
            break;
        const auto listed = read_part_list(*answer);
        if (!listed)
            break;
        if (!listed->initiator.empty())
            self->core_->initiator = listed->initiator;
        for (const auto& part : listed->parts) {
            const bool ours = part.number >= 1 && part.number <= self->parts_.size();
            if (ours && self->parts_[part.number - 1].bytes == part.bytes &&
                unquoted(self->parts_[part.number - 1].etag) == unquoted(part.etag))
                ++good;
        }
        if (listed->next_marker == 0) {
            const bool whole = good == self->parts_.size();
            co_return self->fsm_->on_parts(whole ? placing_parts::whole : placing_parts::lacking);
        }
        marker = to_text(listed->next_marker);
    }
    co_return self->fsm_->on_parts(placing_parts::unknown);
}

} // namespace cokino::detail
