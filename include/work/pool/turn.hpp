// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

namespace work::detail {

/// Something that is done once at a time: the flag says that it is under way.
class turn
{
public:
    explicit turn(bool& taken) noexcept : taken_(taken) { taken_ = true; }
    ~turn() { taken_ = false; }
    turn(turn const&) = delete;
    turn& operator=(turn const&) = delete;

private:
    bool& taken_;
};

}  // namespace work::detail
