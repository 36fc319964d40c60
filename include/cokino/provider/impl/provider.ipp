// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// What a dialect does not offer unless it says otherwise.
#pragma once

#include <cokino/provider/provider.hpp>

namespace cokino {

COKINO_DECL failure provider::not_offered(std::string_view request) const
{
    failure f =
        invalid("model", "this host takes no " + std::string(request), errc::unsupported_field);
    f.edit().host = traits().name;
    return f;
}

COKINO_DECL result<encoded_submit> provider::encode(const text_to_video&, submit_context&&) const
{
    return not_offered("text_to_video");
}

COKINO_DECL result<encoded_submit> provider::encode(const image_to_video&, submit_context&&) const
{
    return not_offered("image_to_video");
}

COKINO_DECL result<encoded_submit> provider::encode(const text_to_image&, submit_context&&) const
{
    return not_offered("text_to_image");
}

COKINO_DECL result<wire::request> provider::encode_result(const job_record&) const
{
    failure f(errc::internal_error);
    f.explain("this host's status holds the result; there is nothing further to ask for");
    f.edit().host = traits().name;
    return f;
}

COKINO_DECL result<job_status> provider::decode_result(const job_record& job,
                                                       const wire::response& answer) const
{
    return decode_status(job, answer);
}

COKINO_DECL result<wire::request> provider::encode_cancel(const job_record&) const
{
    failure f(errc::unsupported_field);
    f.explain("this host has no way to cancel a job", "cancel");
    f.edit().host = traits().name;
    return f;
}

COKINO_DECL result<cancel_outcome> provider::decode_cancel(const job_record&,
                                                           const wire::response&) const
{
    return cancel_outcome::not_supported;
}

} // namespace cokino
