// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <ranges>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace work {

/// A few texts, or pairs of them, for one call: in braces, or any container of them.
///
///     {.headers = {{"tenant", "acme"}, {"locale", "de"}}, .tags = {"nightly"}}
///     {.headers = headers}   // a std::map<std::string, std::string>, a vector of pairs …
///
/// Those in braces are kept inside, up to eight; a container is read during the call.
///
/// Lifetimes: the texts, and the container, must live until the enqueue function returns its
/// awaitable. Trivially destructible, as the options it stands in.
template <typename Item>
class option_list
{
public:
    static constexpr std::size_t most_in_braces = 8;

    constexpr option_list() = default;
    constexpr option_list(std::initializer_list<Item> few) : size_(few.size())
    {
        std::size_t at = 0;
        for (Item const& one : few)
            if (at != most_in_braces)
                few_[at++] = one;
    }
    template <std::ranges::input_range Many>
        requires(!std::same_as<std::remove_cvref_t<Many>, option_list> &&
                 std::convertible_to<std::ranges::range_reference_t<Many>, Item>)
    option_list(Many&& many) : many_(std::addressof(many)),
                               read_(&read_all<Many>)
    {
        static_assert(
            std::is_lvalue_reference_v<Many>,
            "work: give the container a name on the line before, it is read by the call"
        );
    }

    constexpr bool empty() const noexcept { return size_ == 0 && many_ == nullptr; }
    /// More were in the braces than fit.
    constexpr bool overfull() const noexcept { return size_ > most_in_braces; }
    constexpr std::size_t in_braces() const noexcept { return size_; }

    /// All of them, in their order.
    std::vector<Item> list() const
    {
        std::vector<Item> all;
        if (many_ != nullptr)
            read_(many_, all);
        else
            all.assign(few_.begin(), few_.begin() + (overfull() ? most_in_braces : size_));
        return all;
    }

private:
    template <typename Many>
    static void read_all(void const* many, std::vector<Item>& to)
    {
        for (auto const& one : *static_cast<std::remove_reference_t<Many> const*>(many))
            to.push_back(Item(one));
    }

    std::array<Item, most_in_braces> few_{};
    std::size_t size_ = 0;
    void const* many_ = nullptr;
    void (*read_)(void const*, std::vector<Item>&) = nullptr;
};

using header_list = option_list<std::pair<std::string_view, std::string_view>>;
using tag_list = option_list<std::string_view>;

}  // namespace work
