// Copyright (c) 2026 The cokino authors. Distributed under the Boost Software License, Version 1.0.
//
// A rival: libcurl's multi interface with reused handles, JSON as a prepared string and no parsing,
// which favours it.

#include "support/measure.hpp"

#include <curl/curl.h>

#include <string>
#include <vector>

namespace {

std::size_t collect(char* bytes, std::size_t, std::size_t n, void* to)
{
    static_cast<std::string*>(to)->append(bytes, n);
    return n;
}

std::string request_body()
{
    return "{\"prompt\":\"" + std::string(bench::prompt) +
           "\",\"duration\":5,\"aspect_ratio\":\"16:9\",\"negative_prompt\":\"" +
           std::string(bench::negative_prompt) + "\",\"cfg_scale\":0.5}";
}

struct transfer {
    CURL* handle = nullptr;
    std::string answer;
};

void prepare(transfer& t, const bench::arguments& args, const std::string& url,
             const std::string& body, curl_slist* fields)
{
    t.handle = curl_easy_init();
    curl_easy_setopt(t.handle, CURLOPT_URL, url.c_str());
    curl_easy_setopt(t.handle, CURLOPT_HTTPHEADER, fields);
    curl_easy_setopt(t.handle, CURLOPT_WRITEFUNCTION, collect);
    curl_easy_setopt(t.handle, CURLOPT_WRITEDATA, &t.answer);
    curl_easy_setopt(t.handle, CURLOPT_PRIVATE, &t);
    curl_easy_setopt(t.handle, CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
    curl_easy_setopt(t.handle, CURLOPT_POSTFIELDS, body.c_str());
    curl_easy_setopt(t.handle, CURLOPT_TIMEOUT_MS, 30000L);
    curl_easy_setopt(t.handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(t.handle, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    curl_easy_setopt(t.handle, CURLOPT_PROXY, "");
    if (!args.ca_file.empty())
        curl_easy_setopt(t.handle, CURLOPT_CAINFO, args.ca_file.c_str());
}

} // namespace

int main(int argc, char** argv)
{
    bench::arguments const args(argc, argv);
    curl_global_init(CURL_GLOBAL_ALL);
    curl_slist* fields = nullptr;
    std::string const auth = "Authorization: Bearer " + std::string(bench::key);
    for (const char* field : {"Content-Type: application/json", "Accept: application/json",
                              "User-Agent: bench/1", "Expect:", auth.c_str()})
        fields = curl_slist_append(fields, field);
    std::string const url = args.origin() + std::string(bench::path);
    std::string const body = request_body();
    CURLM* const multi = curl_multi_init();
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, 256L);
    std::vector<transfer> transfers(static_cast<std::size_t>(args.connections));
    for (auto& t : transfers) {
        prepare(t, args, url, body, fields);
        curl_multi_add_handle(multi, t.handle);
    }
    bench::window window(0.5, args.length);
    int running = 0;
    for (;;) {
        curl_multi_poll(multi, nullptr, 0, 1000, nullptr);
        curl_multi_perform(multi, &running);
        int left = 0;
        while (CURLMsg* const m = curl_multi_info_read(multi, &left)) {
            if (m->msg != CURLMSG_DONE)
                continue;
            CURL* const handle = m->easy_handle;
            long status = 0;
            transfer* t = nullptr;
            curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
            curl_easy_getinfo(handle, CURLINFO_PRIVATE, &t);
            if (m->data.result != CURLE_OK || status != 200 || t->answer.size() < 100) {
                std::fprintf(stderr, "curl: %d %ld\n", static_cast<int>(m->data.result), status);
                return 1;
            }
            t->answer.clear();
            if (window.count())
                bench::finish();
            curl_multi_remove_handle(multi, handle);
            curl_multi_add_handle(multi, handle);
        }
    }
}
