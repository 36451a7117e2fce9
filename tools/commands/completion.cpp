// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "commands.hpp"
#include "exit_code.hpp"
#include "print.hpp"

namespace work::tool {
namespace {

struct choice
{
    std::string word;
    std::string what;
    bool takes_value = false;
    bool takes_file = false;
};

struct command_words
{
    choice name;
    std::vector<choice> options;
};

// In single quotes, for each of the three shells.
std::string in_quotes(std::string_view text)
{
    std::string out = "'";
    for (char const c : text)
        out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

std::vector<choice> options_of(CLI::App const& command)
{
    std::vector<choice> all;
    for (CLI::Option const* const option : command.get_options()) {
        if (option->get_group().empty())
            continue;  // known to be refused
        bool const value = option->get_items_expected_max() > 0;
        bool const file = option->get_type_name().find("FILE") != std::string::npos;
        for (std::string const& name : option->get_lnames())
            all.push_back({"--" + name, option->get_description(), value, file});
    }
    return all;
}

std::vector<command_words> commands_of(CLI::App const& program)
{
    std::vector<command_words> all;
    for (CLI::App const* const command :
         program.get_subcommands([](CLI::App const*) { return true; }))
        all.push_back({{command->get_name(), command->get_description()}, options_of(*command)});
    return all;
}

template <typename Range, typename Text>
std::string joined(Range const& all, Text const& text, std::string_view between = " ")
{
    std::string out;
    for (auto const& one : all)
        out.append(out.empty() ? "" : between).append(text(one));
    return out;
}

std::string word(choice const& one)
{
    return one.word;
}

std::string name(command_words const& one)
{
    return one.name.word;
}

// The one value that is known without asking anybody.
std::string shells_of(command_words const& one)
{
    return one.name.word == "completion" ? "bash zsh fish " : "";
}

// Words of options are letters and dashes, so that they need no quotes.
std::string bash(std::vector<command_words> const& all, std::vector<choice> const& before)
{
    std::string cases;
    std::string values;
    std::string files;
    auto const sort_in = [&](choice const& option) {
        std::string& into = option.takes_file ? files : values;
        if (option.takes_value && (" " + into + " ").find(" " + option.word + " ") == into.npos)
            into += (into.empty() ? "" : " ") + option.word;
    };
    std::for_each(before.begin(), before.end(), sort_in);
    for (command_words const& one : all) {
        std::for_each(one.options.begin(), one.options.end(), sort_in);
        cases += "        " + one.name.word +
                 ") words=" + in_quotes(shells_of(one) + joined(one.options, word)) + " ;;\n";
    }
    return R"sh(# bash completion for work: eval "$(work completion bash)"
_work() {
    local current="${COMP_WORDS[COMP_CWORD]}" previous="" command="" words="" i
    local valued=)sh" +
           in_quotes(" " + values + " ") + "\n    local filed=" + in_quotes(" " + files + " ") +
           R"sh(
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        if [[ -z $command && ${COMP_WORDS[i]} != -* && $previous != --profile ]]; then
            command="${COMP_WORDS[i]}"
        fi
        previous="${COMP_WORDS[i]}"
    done
    # What stands behind an option that takes a value is that value.
    if [[ $filed == *" $previous "* ]]; then
        COMPREPLY=($(compgen -f -- "$current"))
        return
    fi
    if [[ $valued == *" $previous "* ]]; then
        return
    fi
    case "$command" in
        "") words=)sh" +
           in_quotes(joined(all, name) + " " + joined(before, word)) + " ;;\n" + cases +
           R"sh(    esac
    COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _work work
)sh";
}

// In [] of a specification of _arguments, and before : of one of _describe.
std::string zsh_text(std::string_view text)
{
    std::string out;
    for (char const c : text)
        out += (std::string_view("[]:\\").find(c) != std::string_view::npos ? "\\" : "") +
               std::string(1, c);
    return out;
}

std::string zsh_option(choice const& one)
{
    std::string spec = "*" + one.word + "[" + zsh_text(one.what) + "]";
    if (one.takes_value)
        spec += one.takes_file ? ":file:_files" : ":value: ";
    return in_quotes(spec);
}

std::string zsh(std::vector<command_words> const& all, std::vector<choice> const& before)
{
    std::string out = "#compdef work\n_work() {\n    local line state\n    local -a commands\n"
                      "    commands=(\n";
    for (command_words const& one : all)
        out += "        " + in_quotes(one.name.word + ":" + zsh_text(one.name.what)) + "\n";
    out += "    )\n    _arguments -C " + joined(before, zsh_option) +
           " '1: :->command' '*:: :->rest'\n"
           "    case $state in\n"
           "    command) _describe command commands ;;\n"
           "    rest)\n        case $line[1] in\n";
    for (command_words const& one : all)
        out += "        " + one.name.word + ") _arguments " + joined(one.options, zsh_option) +
               (one.name.word == "completion" ? " '1:shell:(bash zsh fish)'" : "") + " ;;\n";
    return out + "        esac ;;\n    esac\n}\ncompdef _work work\n";
}

std::string fish(std::vector<command_words> const& all, std::vector<choice> const& before)
{
    std::string out = "# fish completion for work\ncomplete -c work -f\n";
    auto const option = [](choice const& one, std::string const& when) {
        return "complete -c work -n " + in_quotes(when) + " -l " + one.word.substr(2) +
               (!one.takes_value ? ""
                : one.takes_file ? " -r -F"
                                 : " -x") +
               " -d " + in_quotes(one.what) + "\n";
    };
    for (choice const& one : before)
        out += option(one, "__fish_use_subcommand");
    for (command_words const& one : all) {
        out += "complete -c work -n __fish_use_subcommand -a " + one.name.word + " -d " +
               in_quotes(one.name.what) + "\n";
        for (choice const& each : one.options)
            out += option(each, "__fish_seen_subcommand_from " + one.name.word);
    }
    return out +
           "complete -c work -n '__fish_seen_subcommand_from completion' -a 'bash zsh fish'\n";
}

}  // namespace

void add_completion(CLI::App& program, action& chosen)
{
    auto const shell = std::make_shared<std::string>();
    CLI::App* const command = program.add_subcommand(
        "completion",
        "Print what completes commands and options in a shell"
    );
    command->add_option("SHELL", *shell, "bash, zsh or fish")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish"}));
    command->callback([&program, &chosen, shell] {
        chosen = [&program, shell] {
            auto const all = commands_of(program);
            auto const before = options_of(program);
            std::string const text = *shell == "bash"  ? bash(all, before)
                                     : *shell == "zsh" ? zsh(all, before)
                                                       : fish(all, before);
            // lint-allow(raw-output): a program of ours, made of our own words
            std::fwrite(text.data(), 1, text.size(), stdout);
            return int(ok);
        };
    });
}

}  // namespace work::tool
