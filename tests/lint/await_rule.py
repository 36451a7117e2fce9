# Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
"""Finds what g++ 12 destroys twice: temporaries inside a statement that awaits.

g++ before 13 may destroy an aggregate temporary, a capturing lambda or an operand of ?: twice when
it stands in the same full expression as a co_await (gcc.gnu.org/PR99576, PR100611). So none of
them stands there in our code: it is named on the line above. Braces that open per-call options,
{.queue = ...}, may stay: those types are trivially destructible.
"""
import re

TOKEN = re.compile(r"[A-Za-z_]\w*|\d[\w.']*|::|->|&&|\|\||[^\s\w]")
OPEN, CLOSE = "([{", ")]}"
CONTROL = {"if", "while", "for", "switch"}
# Options whose lists hold string_views alone.
PLAIN_LISTS = ([".", "headers", "="], [".", "tags", "="])
FIX = "name it on the line above (g++ 12 would destroy it twice)"


def blank(text):
    """The code with comments, literals and preprocessor lines blanked; lines stay lines."""
    def spaces(match):
        return re.sub(r"[^\n]", " ", match[0])

    # A string becomes "" so that it still is an operand.
    def literal(match):
        body = spaces(match)
        return '""' + body[2:] if len(body) >= 2 and "\n" not in body[:2] else body

    pattern = re.compile(
        r"(?P<comment>//(?:\\\n|[^\n])*|/\*.*?\*/)"
        r'|(?P<raw>(?:u8|[uUL])?R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)")'
        r'|(?P<string>"(?:\\.|[^"\\\n])*")'
        r"|(?P<char>(?<![\w])(?:u8|[uUL])?'(?:\\.|[^'\\\n])+')"
        r"|(?P<directive>^[ \t]*#(?:\\\n|[^\n])*)",
        re.M | re.S)
    return pattern.sub(
        lambda m: literal(m) if m.lastgroup in ("string", "char", "raw", "mark") else spaces(m),
        text)


class Statements:
    def __init__(self, text):
        code = blank(text)
        self.tokens, self.lines = [], []
        line, last = 1, 0
        for match in TOKEN.finditer(code):
            line += code.count("\n", last, match.start())
            last = match.start()
            self.tokens.append(match[0])
            self.lines.append(line)
        self.partner = {}
        stack = []
        for index, token in enumerate(self.tokens):
            if token in OPEN:
                stack.append(index)
            elif token in CLOSE and stack:
                self.partner[index] = stack.pop()
                self.partner[self.partner[index]] = index

    def at(self, index):
        return self.tokens[index] if 0 <= index < len(self.tokens) else ""

    def is_body(self, brace):
        """Does this { open statements (a function, lambda, loop ...), not a value?"""
        before = self.at(brace - 1)
        if before in (")", ";", "{", "}", ":", "else", "do", "try", "mutable", "noexcept", "const",
                      "override", "final"):
            # ) { also closes if (...) {; f({ ... }) has ( before it. { { may be nested values:
            # then the outer one is a value.
            if before == "{":
                return self.is_body(brace - 1)
            return True
        if before == "]":  # [] { ... } or name[3]{...}: a lambda when the bracket starts one
            return self.is_lambda(self.partner.get(brace - 1, -1))
        # ... ) -> type {
        index = brace - 1
        while re.match(r"[\w:<>,*&]", self.at(index)) and self.at(index) not in (
                "return", "co_return", "co_await", "co_yield"):
            index -= 1
        if self.at(index) == "->":
            return self.at(index - 1) in (")", "mutable", "noexcept", "const", "]")
        # struct name { and friends
        while index >= 0 and index > brace - 12 and self.at(index) not in ("{", "}", ";", "(", "="):
            index -= 1
        return bool({"struct", "class", "enum", "union", "namespace"} &
                    set(self.tokens[index + 1:brace]))

    def is_lambda(self, bracket):
        if self.at(bracket) != "[" or self.at(bracket + 1) == "[" or self.at(bracket - 1) == "[":
            return False
        before = self.at(bracket - 1)
        if re.match(r"\w", before) and before not in ("return", "co_return", "co_await"):
            return False  # name[...], auto [a, b]
        if before in (")", "]", '"'):
            return False
        if before in ("&", "&&") and self.at(bracket - 2) == "auto":
            return False
        close = self.partner.get(bracket)
        return close is not None and (
            self.at(close + 1) in ("(", "{", "<", "mutable", "noexcept", "->"))

    def start_of(self, index):
        """The first token of the full expression or statement around a token."""
        index -= 1
        inside_parens = 0
        while index >= 0:
            token = self.tokens[index]
            if token == ";":
                return index + 1
            if token in ")]":
                index = self.partner.get(index, 0)
            elif token == "}":
                after = self.at(index + 1)
                brace = self.partner.get(index, 0)
                value = after in (".", ",", "->", "+", "-", "?", "|", "||", "&&", "=", "<", ")")
                if self.is_body(brace) and not value and not inside_parens:
                    return index + 1
                if not value and not inside_parens:
                    return index + 1
                index = brace
            elif token == "{":
                if self.is_body(index):
                    return index + 1
                inside_parens += 1
            elif token in "([":
                inside_parens += 1
                if token == "(" and self.at(index - 1) in CONTROL:
                    return index - 1
                if token == "(" and self.at(index - 1) == "constexpr":
                    return index - 2
            index -= 1
        return 0

    def end_of(self, start):
        index = start
        if self.at(start) in CONTROL:
            index += 1
            if self.at(index) == "constexpr":
                index += 1
            return self.partner.get(index, len(self.tokens))
        while index < len(self.tokens):
            token = self.tokens[index]
            if token == ";" or token in CLOSE:
                return index
            if token in OPEN:
                if token == "{" and self.is_body(index):
                    before = self.at(index - 1)
                    lambda_body = any(self.is_lambda(i) for i in range(start, index))
                    if not lambda_body and before != ",":
                        return index
                index = self.partner.get(index, len(self.tokens))
            index += 1
        return len(self.tokens)


def check(text):
    """Yields (line, what, how to fix)."""
    if "co_await" not in text:
        return
    code = Statements(text)
    seen = set()
    for index, token in enumerate(code.tokens):
        if token != "co_await":
            continue
        start = code.start_of(index)
        if start in seen:
            continue
        seen.add(start)
        end = code.end_of(start)
        yield from inspect(code, start, end)


def inspect(code, start, end):
    index = start
    while index < end:
        token = code.tokens[index]
        line = code.lines[index]
        if token == "?":
            yield line, "?: in a statement with co_await", "use if and else, or " + FIX
        elif code.is_lambda(index):
            close = code.partner[index]
            if close > index + 1:
                yield line, "a capturing lambda in a statement with co_await", FIX
            # Its body is statements of its own.
            index = close
            while index < end and code.tokens[index] != "{":
                index = code.partner.get(index, index) + 1 if code.tokens[index] in OPEN \
                    else index + 1
            index = code.partner.get(index, end)
        elif token == "{" and [code.at(index - i) for i in (3, 2, 1)] in PLAIN_LISTS:
            index = code.partner.get(index, end)
        elif token == "{" and code.at(index + 1) != ".":
            yield line, "braces in a statement with co_await", FIX
        index += 1
