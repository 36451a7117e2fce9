# Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#
# ruby_producer.rb URL: stores jobs, each twice under one key; 0: each time the same ids.
require_relative "../../../examples/clients/ruby/work"

client = Work::Client.new(ARGV[0])
client.enqueue("plain", "cat.png", 300, nil, max_attempts: 3)
text = "[12345678901234567890, 1.10, {}]"
once = Array.new(2) { client.enqueue_json("once", text, key: "a") }
jobs = Array.new(3) { |i| { name: "many", args: [i] } } << { name: "", args: [] }
first, second = Array.new(2) { client.enqueue_bulk(jobs, key: "b") }
abort("other ids: #{once} #{first} #{second}") if once.uniq.size > 1 || first[0, 3] != second[0, 3]
abort("not refused: #{first}") unless first[3].is_a?(Work::Refused) && first[3].message["name"]
