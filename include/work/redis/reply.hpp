// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <work/build_config.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <string_view>

namespace work::redis {

/// What a reply, or an element of one, is. RESP2's two nulls are `null` too.
enum class kind : unsigned char {
    null,
    simple_string,
    simple_error,
    integer,
    bulk_string,
    array,
    boolean,
    number,
    big_number,
    blob_error,
    verbatim,
    map,
    set,
    push,
};

/// The kind's name, for messages.
WORK_DECL std::string_view to_string(kind k) noexcept;

namespace detail {

/// A reply is a flat vector of these, in the order they came: an aggregate, then its elements.
struct node
{
    std::int64_t integer = 0;
    std::uint32_t offset = 0;  ///< of the text, from the start of the reply's bytes
    std::uint32_t size = 0;    ///< of the text in bytes, or of an aggregate in elements
    std::uint32_t extent = 1;  ///< nodes of this subtree, itself included
    kind type = kind::null;
};

}  // namespace detail

/// A view of a reply or of one of its elements. Cheap to copy; valid while the reply stays put.
class value
{
public:
    class iterator;

    kind type() const noexcept { return node_->type; }
    bool is_null() const noexcept { return type() == kind::null; }
    bool is_error() const noexcept
    {
        return type() == kind::simple_error || type() == kind::blob_error;
    }
    bool is_aggregate() const noexcept
    {
        return type() == kind::array || type() == kind::map || type() == kind::set ||
               type() == kind::push;
    }
    /// Has it bytes? Strings, errors, doubles and big numbers have.
    bool is_text() const noexcept { return !is_aggregate() && !is_scalar(); }

    /// The bytes of a string, an error or a number sent as text. They stay where they are when
    /// the reply is moved.
    ///
    /// \par Errors
    /// errc::protocol if it is of a kind that has no bytes: the server answered something else.
    std::string_view text() const
    {
        if (!is_text())
            unexpected("text");
        return {text_ + node_->offset, node_->size};
    }
    /// An integer, a boolean as 0 or 1, or text that is a whole decimal number.
    std::int64_t integer() const
    {
        return type() == kind::integer || type() == kind::boolean ? node_->integer : text_integer();
    }
    /// A double, an integer, or text that is a number (as RESP2 sends it).
    WORK_DECL double number() const;

    /// Elements of an aggregate (a map of n pairs has 2n); 0 for anything else.
    std::size_t size() const noexcept { return is_aggregate() ? node_->size : 0; }
    bool empty() const noexcept { return size() == 0; }
    inline iterator begin() const noexcept;
    inline iterator end() const noexcept;

    /// The element at `index`; O(1) if the elements are no aggregates, O(index) if they are.
    ///
    /// \par Errors
    /// errc::protocol if there are fewer.
    WORK_DECL value operator[](std::size_t index) const;

    /// The value that follows `key` in a map, or in an array of pairs as RESP2 sends maps.
    WORK_DECL std::optional<value> find(std::string_view key) const;

    value(detail::node const* node, char const* text) noexcept : node_(node), text_(text) {}

private:
    bool is_scalar() const noexcept
    {
        return type() == kind::null || type() == kind::integer || type() == kind::boolean;
    }
    WORK_DECL std::int64_t text_integer() const;
    [[noreturn]] WORK_DECL void unexpected(char const* expected) const;

    detail::node const* node_;
    char const* text_;
};

/// Walks over the elements of an aggregate.
class value::iterator
{
public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = value;
    using difference_type = std::ptrdiff_t;
    using pointer = void;
    using reference = value;

    iterator() = default;
    iterator(detail::node const* node, char const* text) noexcept : node_(node), text_(text) {}

    value operator*() const noexcept { return {node_, text_}; }
    iterator& operator++() noexcept
    {
        node_ += node_->extent;
        return *this;
    }
    iterator operator++(int) noexcept
    {
        iterator const before = *this;
        ++*this;
        return before;
    }
    bool operator==(iterator const& other) const noexcept { return node_ == other.node_; }

private:
    detail::node const* node_ = nullptr;
    char const* text_ = nullptr;
};

inline value::iterator value::begin() const noexcept
{
    return {is_aggregate() ? node_ + 1 : node_ + node_->extent, text_};
}
inline value::iterator value::end() const noexcept
{
    return {node_ + node_->extent, text_};
}

/// One reply of a server, with its bytes: one allocation, none for an integer, a boolean or null.
/// Movable; text taken from it stays valid when it is moved, a `value` of it doesn't.
class reply
{
public:
    /// A null reply.
    reply() = default;

    value root() const noexcept
    {
        if (!block_)
            return {&scalar_, nullptr};
        auto const* nodes = reinterpret_cast<detail::node const*>(block_.get());
        return {nodes, reinterpret_cast<char const*>(nodes + nodes->extent)};
    }

    kind type() const noexcept { return root().type(); }
    bool is_null() const noexcept { return root().is_null(); }
    bool is_error() const noexcept { return root().is_error(); }
    bool is_aggregate() const noexcept { return root().is_aggregate(); }
    std::string_view text() const { return root().text(); }
    std::int64_t integer() const { return root().integer(); }
    double number() const { return root().number(); }
    std::size_t size() const noexcept { return root().size(); }
    bool empty() const noexcept { return root().empty(); }
    value::iterator begin() const noexcept { return root().begin(); }
    value::iterator end() const noexcept { return root().end(); }
    value operator[](std::size_t index) const { return root()[index]; }
    std::optional<value> find(std::string_view key) const { return root().find(key); }

private:
    friend class parser;

    detail::node scalar_;
    std::unique_ptr<std::byte[]> block_;  // the nodes, then the bytes as they were received
};

}  // namespace work::redis

#ifdef WORK_HEADER_ONLY
#include <work/redis/reply.ipp>
#endif
