// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>
#include <work/values/json_path.hpp>

#include <boost/json/value.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace work::detail {

/// The JSON value in a few words for an error message: `string "x"`, `integer 7`, `an array of 3`.
WORK_DECL std::string describe_json(boost::json::value const& value);

/// Hears of members of an object that its type does not know, and that are ignored.
class ignored_members
{
public:
    /// `nearest` is the known name that may have been meant; empty: none is near.
    virtual void ignored(json_path const& member, std::string_view nearest) = 0;

protected:
    ~ignored_members() = default;
};

/// Collects the first thing that is wrong while the walker unwinds by returning false. A quiet
/// report keeps no text: a variant tries its alternatives with one.
class decode_report
{
public:
    decode_report() = default;
    explicit decode_report(ignored_members* to) : ignored_(to) {}
    decode_report(decode_report const&) = delete;
    decode_report& operator=(decode_report const&) = delete;

    static decode_report quiet() { return decode_report(true); }

    /// Each returns false, for the walker to return.
    WORK_DECL bool fail(
        json_path const& at,
        std::string_view expected,
        boost::json::value const& found
    );
    WORK_DECL bool fail_range(
        json_path const& at,
        std::int64_t low,
        std::uint64_t high,
        boost::json::value const& found
    );
    /// Within a catch block: what as_argument could not read. Goes on with a std::bad_alloc.
    WORK_DECL bool fail_thrown(
        json_path const& at,
        std::string_view expected,
        boost::json::value const& found
    );
    WORK_DECL bool fail_text(
        json_path const& at,
        std::string_view expected,
        std::string_view found
    );

    /// Corrects "found null" where there was nothing at all.
    WORK_DECL bool found_nothing();

    void ignore(json_path const& member, std::string_view nearest)
    {
        if (ignored_)
            ignored_->ignored(member, nearest);
    }

    bool is_quiet() const noexcept { return quiet_; }

    /// The whole sentence.
    std::string const& text() const noexcept { return text_; }

    /// Throws `errc::invalid_arguments` with the text.
    [[noreturn]] WORK_DECL void raise() const;

private:
    explicit decode_report(bool quiet) : quiet_(quiet) {}

    std::string text_;
    bool quiet_ = false;
    ignored_members* ignored_ = nullptr;
};

}  // namespace work::detail

#ifdef WORK_HEADER_ONLY
#include <work/values/decode_report.ipp>
#endif
