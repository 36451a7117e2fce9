// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <optional>
#include <string>
#include <utility>

namespace work {

/// What reading a text gave: a value, or a sentence that says what is wrong with the text.
template <typename T>
class [[nodiscard]] parsed
{
public:
    parsed(T value) : value_(std::move(value)) {}

    /// A text that can't be read; `why` completes the sentence "it can't be read: ...".
    static parsed failed(std::string why)
    {
        parsed result;
        result.error_ = std::move(why);
        return result;
    }

    explicit operator bool() const noexcept { return value_.has_value(); }

    /// Precondition: there is a value.
    T& operator*() noexcept { return *value_; }
    T const& operator*() const noexcept { return *value_; }
    T* operator->() noexcept { return &*value_; }
    T const* operator->() const noexcept { return &*value_; }

    /// Empty when there is a value.
    std::string const& error() const noexcept { return error_; }

private:
    parsed() = default;

    std::optional<T> value_;
    std::string error_;
};

}  // namespace work
