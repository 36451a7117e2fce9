// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/values/envelope.hpp>
#include <work/values/name.hpp>

#include <string>
#include <string_view>

namespace work::detail {

/// The value of the word ` t=` of a job with these tags, by which brokers find it: encoded as names
/// are, with a comma between. "": it has none.
template <typename Tags>
std::string tags_word(Tags const& tags)
{
    std::string word;
    for (std::string_view const tag : tags)
        word.append(word.empty() ? "" : ",").append(encode_name(tag));
    return word;
}

/// Writes the tags into a new job's first line, which has none.
template <typename Tags>
void write_tags(std::string& envelope, Tags const& tags)
{
    std::string const word = tags_word(tags);
    if (word.empty())
        return;
    envelope.insert(envelope.find('\n'), " t=" + word);
    set_envelope_flag(envelope, envelope_flags::holds);
}

}  // namespace work::detail
