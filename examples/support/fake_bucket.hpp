// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// A bucket on loopback, in memory, for an example without an account. It speaks as much of S3 as
// one upload needs: PUT, HEAD, GET and DELETE of objects, and uploads in parts. It looks whose key
// signed and whether the body is the one that was signed; the signature itself is for the servers
// of tests/oracles to judge.
#pragma once

#include <cokino/async/awaitable.hpp>
#include <cokino/wire/signature.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace example {

class fake_bucket
{
    using tcp = boost::asio::ip::tcp;
    using request = boost::beast::http::request<boost::beast::http::string_body>;
    using response = boost::beast::http::response<boost::beast::http::string_body>;
    using status = boost::beast::http::status;
    using verb = boost::beast::http::verb;
    using headers = std::map<std::string, std::string>;

public:
    static constexpr const char* name = "clips";
    static constexpr const char* key_id = "EXAMPLEKEY";
    static constexpr const char* key = "example-secret";

    /// Runs on `io` until stop().
    explicit fake_bucket(boost::asio::io_context& io)
        : acceptor_(io, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0))
    {
        boost::asio::co_spawn(io, accept(*this), boost::asio::detached);
    }
    void stop() { acceptor_.close(); }

    std::string endpoint() const
    {
        return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
    }
    std::size_t objects() const { return objects_.size(); }

private:
    struct object {
        headers fields;
        std::string bytes;
        std::map<int, std::string> parts; ///< Of an upload that has not ended.
    };

    // cokino-allow COROREF: the bucket outlives the loop's run
    static cokino::awaitable<void> accept(fake_bucket& self)
    {
        for (;;) {
            auto accepted = self.acceptor_.async_accept(boost::asio::deferred);
            tcp::socket peer = co_await std::move(accepted);
            auto served = serve(self, std::make_unique<tcp::socket>(std::move(peer)));
            boost::asio::co_spawn(self.acceptor_.get_executor(), std::move(served),
                                  boost::asio::detached);
        }
    }

    // One request a connection, so that none is left open at the end.
    // cokino-allow COROREF: the bucket outlives the loop's run
    static cokino::awaitable<void> serve(fake_bucket& self, std::unique_ptr<tcp::socket> peer)
    {
        boost::beast::flat_buffer buffer;
        boost::beast::http::request_parser<boost::beast::http::string_body> parser;
        parser.body_limit(64 * 1024 * 1024);
        co_await boost::beast::http::async_read(*peer, buffer, parser, boost::asio::deferred);
        response answer = self.answer_to(parser.get());
        answer.version(11);
        answer.keep_alive(false);
        co_await boost::beast::http::async_write(*peer, answer, boost::asio::deferred);
    }

    response answer_to(const request& r)
    {
        const std::string target(r.target());
        const auto mark = target.find('?');
        const std::string path = target.substr(0, mark);
        const std::string query = mark == std::string::npos ? "" : target.substr(mark + 1);
        const std::string signed_by = std::string("AWS4-HMAC-SHA256 Credential=") + key_id + '/';
        if (!std::string_view(r["Authorization"]).starts_with(signed_by))
            return refusal(status::forbidden, "InvalidAccessKeyId");
        if (cokino::wire::hex_encode(cokino::wire::sha256_of(r.body())) !=
            r["x-amz-content-sha256"])
            return refusal(status::bad_request, "XAmzContentSHA256Mismatch");
        if (path.find(std::string("/") + name + '/') != 0)
            return refusal(status::not_found, "NoSuchBucket");
        return query.empty() ? whole_object(r, path) : upload(r, path, query);
    }

    response whole_object(const request& r, const std::string& path)
    {
        const auto found = objects_.find(path);
        if (r.method() == verb::put) {
            if (found != objects_.end() && r["If-None-Match"] == "*")
                return refusal(status::precondition_failed, "PreconditionFailed");
            objects_[path] = {kept(r), r.body(), {}};
            return tagged(objects_[path].bytes);
        }
        if (found == objects_.end())
            return refusal(status::not_found, "NoSuchKey");
        if (r.method() == verb::delete_) {
            objects_.erase(found);
            return response(status::no_content, 11);
        }
        response out = tagged(found->second.bytes);
        for (const auto& [field, value] : found->second.fields)
            out.set(field, value);
        if (r.method() == verb::get)
            out.body() = found->second.bytes;
        out.content_length(found->second.bytes.size());
        return out;
    }

    response upload(const request& r, const std::string& path, const std::string& query)
    {
        if (r.method() == verb::post && query.starts_with("uploads")) {
            const std::string id = "upload" + std::to_string(++uploads_made_);
            uploads_[id] = {kept(r), {}, {}};
            return xml("<InitiateMultipartUploadResult><UploadId>" + id +
                       "</UploadId></InitiateMultipartUploadResult>");
        }
        const auto found = uploads_.find(parameter(query, "uploadId"));
        if (found == uploads_.end())
            return refusal(status::not_found, "NoSuchUpload");
        if (r.method() == verb::put) {
            found->second.parts[std::stoi(parameter(query, "partNumber"))] = r.body();
            return tagged(r.body());
        }
        object ended = std::move(found->second);
        uploads_.erase(found);
        if (r.method() == verb::delete_)
            return response(status::no_content, 11);
        for (const auto& [number, bytes] : ended.parts)
            ended.bytes += bytes;
        ended.parts.clear();
        objects_[path] = std::move(ended);
        return xml("<CompleteMultipartUploadResult><ETag>\"whole-2\"</ETag>"
                   "</CompleteMultipartUploadResult>");
    }

    static std::string parameter(const std::string& query, const std::string& wanted)
    {
        const std::string text = '&' + query + '&';
        const auto at = text.find('&' + wanted + '=');
        if (at == std::string::npos)
            return {};
        const auto from = at + wanted.size() + 2;
        return text.substr(from, text.find('&', from) - from);
    }

    /// What a server remembers of a request's fields.
    static headers kept(const request& r)
    {
        headers out;
        for (const auto& field : r)
            if (field.name() == boost::beast::http::field::content_type ||
                field.name_string().starts_with("x-amz-meta-"))
                out.emplace(field.name_string(), field.value());
        return out;
    }

    static response tagged(const std::string& bytes)
    {
        response out(status::ok, 11);
        const auto digest = cokino::wire::hex_encode(cokino::wire::sha256_of(bytes));
        out.set("ETag", '"' + digest.substr(0, 32) + '"');
        out.content_length(0);
        return out;
    }
    static response xml(std::string text, status code = status::ok)
    {
        response out(code, 11);
        out.set("Content-Type", "application/xml");
        out.body() = std::move(text);
        out.prepare_payload();
        return out;
    }
    static response refusal(status code, const std::string& word)
    {
        return xml("<Error><Code>" + word + "</Code></Error>", code);
    }

    tcp::acceptor acceptor_;
    std::map<std::string, object> objects_, uploads_;
    std::size_t uploads_made_ = 0;
};

} // namespace example
