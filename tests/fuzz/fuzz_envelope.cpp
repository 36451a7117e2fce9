// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.

// Reads bytes as a stored job. What can be read is written again and must read the same; without
// words behind its list it must be the same bytes. Its list and options are read too.

#include <work/error.hpp>
#include <work/values/envelope.hpp>
#include <work/values/name.hpp>
#include <work/values/stored_options.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    // An allocation of just that size, so that the address sanitizer sees a read past its end.
    std::string const bytes(reinterpret_cast<char const*>(data), size);
    auto const job = work::decode_envelope(bytes);
    if (!job) {
        if (job.error().empty())
            std::abort();
        return 0;
    }
    std::string again;
    work::append_envelope(again, *job);
    auto const second = work::decode_envelope(again);
    if (!second || !(*second == *job) || again.size() != work::envelope_size(*job))
        std::abort();
    auto const list_end = work::envelope_list_offset + job->list.size();
    if (bytes[list_end] == '\n' && again != bytes)
        std::abort();

    try {
        auto const list = work::parse_list_id(job->list);
        if (work::list_id(list.queue, list.name) != job->list)
            std::abort();
    } catch (work::error const&) {
    }
    (void)work::decode_options(job->options);
    return 0;
}
