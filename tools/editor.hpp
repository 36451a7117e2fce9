// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <string>

namespace work::tool {

/// The editor of the person at the terminal: `$VISUAL`, else `$EDITOR`; "" where there is none.
std::string chosen_editor();

/// A text in a file that only its owner can read, shown in an editor: what was saved.
///
/// The file is removed with it, unless `keep` was called.
class edited_text
{
public:
    /// Errors: errc::unavailable: the file can't be written, or the editor failed
    edited_text(std::string const& editor, std::string const& before);
    edited_text(edited_text const&) = delete;
    edited_text& operator=(edited_text const&) = delete;
    ~edited_text();

    std::string const& after() const noexcept { return after_; }
    /// What was written is worth something: the path of the file, which stays.
    std::string const& keep() noexcept
    {
        kept_ = true;
        return path_;
    }

private:
    std::string path_;
    std::string after_;
    bool kept_ = false;
};

}  // namespace work::tool
