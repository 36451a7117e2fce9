// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/log.hpp>
#include <work/web/roles.hpp>
#include <work/web/sha256.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace work::web {

/// One line of a file of tokens.
struct token
{
    web_user user;
    digest hash{};
};

/// Reads `name role[,role] sha256:<64 hex> [queues=a,b] [rate=200/s]` a line; empty lines and
/// those that begin with # are none.
/// Errors: `errc::invalid_option` with the line and what is wrong with it; never the hash.
WORK_DECL std::vector<token> read_tokens(std::string_view text);

/// Who an Authorization field names: `Bearer TOKEN`, or `Basic` with name and token. Nobody: the
/// token is unknown, or another's. It takes as long for any token of the same length.
WORK_DECL std::optional<web_user> find_user(
    std::vector<token> const& known,
    std::string_view authorization
);

/// The standard's base64 with its padding. Nothing: the text is none.
WORK_DECL std::optional<std::string> base64_decode(std::string_view text);

/// A file of tokens that is read again when it changes. While a new version can't be read the old
/// one holds, and the log says so. Only its owner may be able to write it, and no others read it.
class token_file
{
public:
    /// Errors: `errc::invalid_option`, as `read_tokens`, and for a file that is absent or open to
    /// others.
    WORK_DECL token_file(std::string path, logger to);

    /// Looks at the file at most once a second, and reads it when it is another one.
    WORK_DECL void refresh(std::int64_t steady_ms);
    std::vector<token> const& tokens() const noexcept { return tokens_; }

private:
    WORK_DECL void load();
    WORK_DECL std::string stamp() const;

    std::string path_;
    logger log_;
    std::string stamp_;
    std::int64_t looked_ms_ = 0;
    std::vector<token> tokens_;
};

}  // namespace work::web

#ifdef WORK_HEADER_ONLY
#include <work/web/auth.ipp>
#endif
