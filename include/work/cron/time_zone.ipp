// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/cron/time_zone.hpp>

#include <algorithm>
#include <utility>

namespace work {
namespace detail {

/// Numbers in big-endian order from the front of a file; all are 0 once it has ended.
struct zone_bytes
{
    std::string_view rest;
    bool good = true;

    std::string_view take(std::uint64_t size)
    {
        if (size > rest.size()) {
            good = false;
            rest = {};
            return {};
        }
        std::string_view const taken = rest.substr(0, static_cast<std::size_t>(size));
        rest.remove_prefix(taken.size());
        return taken;
    }
    static std::int64_t number(std::string_view bytes)
    {
        std::uint64_t value =
            !bytes.empty() && (static_cast<unsigned char>(bytes[0]) & 0x80) != 0 ? ~0ULL : 0;
        for (char const byte : bytes)
            value = value << 8 | static_cast<unsigned char>(byte);
        return static_cast<std::int64_t>(value);
    }
    std::uint64_t count() { return static_cast<std::uint32_t>(number(take(4))); }
};

struct zone_file_header
{
    char version;
    std::uint64_t utc_flags, standard_flags, leaps, times, types, letters;

    std::uint64_t size(std::uint64_t time_size) const
    {
        return times * (time_size + 1) + types * 6 + letters + leaps * (time_size + 4) +
               standard_flags + utc_flags;
    }
};

inline zone_file_header take_zone_header(zone_bytes& bytes)
{
    bytes.good = bytes.take(4) == "TZif" && bytes.good;
    std::string_view const version = bytes.take(16);
    zone_file_header header{};
    header.version = version.empty() ? '\0' : version[0];
    header.utc_flags = bytes.count();
    header.standard_flags = bytes.count();
    header.leaps = bytes.count();
    header.times = bytes.count();
    header.types = bytes.count();
    header.letters = bytes.count();
    return header;
}

}  // namespace detail

WORK_DECL time_zone::time_zone()
{
    static auto const utc = std::make_shared<data const>(data{"UTC"});
    data_ = utc;
}

WORK_DECL parsed<time_zone> time_zone::read(std::string_view name, std::string_view whole)
{
    using result = parsed<time_zone>;
    detail::zone_bytes bytes{whole};
    detail::zone_file_header header = detail::take_zone_header(bytes);
    if (!bytes.good)
        return result::failed("it is no file of a time zone (TZif)");
    std::uint64_t time_size = 4;
    if (header.version >= '2') {  // the same again, with 8 bytes a time
        time_size = 8;
        bytes.take(header.size(4));
        header = detail::take_zone_header(bytes);
    }
    detail::zone_bytes body{bytes.take(header.size(time_size))};
    if (!bytes.good || header.types == 0)
        return result::failed("its file ends early");
    if (header.leaps != 0)
        return result::failed("its file counts leap seconds, which times in cron don't");

    std::string_view const times = body.take(header.times * time_size);
    std::string_view const kinds = body.take(header.times);
    std::string_view const types = body.take(header.types * 6);
    auto const offset = [&](std::size_t type) {
        return detail::zone_bytes::number(types.substr(type * 6, 4));
    };
    for (std::size_t type = 0; type < header.types; ++type)
        if (offset(type) < -26 * 3600 || offset(type) > 26 * 3600)
            return result::failed("its file has an offset of more than 26 hours");

    auto made = std::make_shared<data>();
    made->name = name;
    std::int64_t now = made->first_offset = offset(0);
    std::int64_t last = detail::earliest_second;
    for (std::size_t i = 0; i < header.times; ++i) {
        std::size_t const width = static_cast<std::size_t>(time_size);
        std::int64_t const at = detail::zone_bytes::number(times.substr(i * width, width));
        std::size_t const type = static_cast<unsigned char>(kinds[i]);
        if (type >= header.types || (i > 0 && at <= last) || at >= detail::latest_second)
            return result::failed("its file has changes out of order, or of no kind it lists");
        last = at;
        // zic may begin with one at the beginning of time.
        if (at <= detail::earliest_second)
            now = made->first_offset = offset(type);
        else if (offset(type) != now)
            made->changes.push_back({at, now = offset(type)});
    }
    if (header.version >= '2' && bytes.take(1) == "\n") {
        std::string_view const footer = bytes.rest.substr(0, bytes.rest.find('\n'));
        if (!footer.empty()) {
            made->rule = detail::parse_zone_rule(footer);
            if (!made->rule)
                return result::failed("the rule at the end of its file can't be read");
            made->rule_from = std::max(last, detail::earliest_second);
        }
    }
    return time_zone(std::move(made));
}

WORK_DECL detail::zone_period time_zone::at(std::int64_t second) const
{
    auto const& changes = data_->changes;
    auto const next = std::upper_bound(
        changes.begin(),
        changes.end(),
        second,
        [](std::int64_t s, change const& c) { return s < c.at; }
    );
    detail::zone_period found{
        detail::earliest_second,
        next == changes.end() ? detail::latest_second : next->at,
        data_->first_offset,
        data_->first_offset,
    };
    if (next != changes.begin()) {
        found.begin = (next - 1)->at;
        found.offset = (next - 1)->offset;
        found.before = next - 1 == changes.begin() ? data_->first_offset : (next - 2)->offset;
    }
    if (!data_->rule || next != changes.end())
        return found;

    // The last period that is listed lasts until the rule's first change after `rule_from`.
    detail::zone_period ruled = data_->rule->at(std::max(second, data_->rule_from));
    if (second < data_->rule_from) {
        found.end = data_->rule_from;
        return found;
    }
    if (ruled.begin <= data_->rule_from) {
        if (found.offset == ruled.offset)
            ruled.begin = found.begin, ruled.before = found.before;
        else
            ruled.begin = data_->rule_from, ruled.before = found.offset;
    }
    return ruled;
}

}  // namespace work
