# Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#
# ruby_worker.rb URL JOURNAL: runs jobs, and writes a line of the journal for what it did.
require_relative "../../../examples/clients/ruby/work"

class Broken < StandardError; end

# Writes itself as what is no JSON.
class Odd
  def to_json(*) = "odd"
end

journal = IO.new(IO.sysopen(ARGV[1], "a"))
write = ->(line) { journal.syswrite("rb #{line}\n") }
worker = Work::Worker.new(ARGV[0], concurrency: 4, lease_ms: 6_000, wait_ms: 2_000,
                                   token: ENV["WORK_TOKEN"])

worker.job("shared") do |number|
  sleep(0.01)
  write.(number)
  number
end

worker.job("rb-echo") do |*, **|
  write.("echoed")
  130.times { |i| Work.job.log("line #{i}") }
  { args: Work.job.args, text: Work.job.args_text }
end

worker.job("rb-broken", max_attempts: 1) { |message| raise Broken, message }

worker.job("rb-again", max_attempts: 2, backoff: { kind: "fixed", base_ms: 1 }) do
  write.("attempt-#{Work.job.attempt}")
  raise Broken, "not yet"
end

worker.job("rb-ends") do |how|
  write.(how)
  raise Work::Snooze, 3600 if how == "snooze"
  raise Work::Discard, "not wanted" if how == "discard"
  raise Work::Fatal, "for good" if how == "fatal"
  raise Work::Uncounted.new("not today", 3600) if how == "free"
  how == "large" ? "x" * (1 << 20) : Odd.new
end

worker.job("rb-stage") do |left, path|
  write.("stage")
  Work.job.then("after", "rb", path)
  unless left.empty?
    raise Work::Next.new(name: "#{left[0]}-stage", args: [left.drop(1), path + ["rb"]])
  end
  path + ["rb"]
end

worker.job("rb-hold") do |mark|
  write.("began-#{mark}")
  sleep(0.05) until Work.job.checkin("holding", 50)
  write.("cancelled-#{mark}")
  nil
end

worker.job("rb-slow") do |mark, ms|
  write.("began-#{mark}")
  sleep(ms / 1000.0)
  write.("ended-#{mark}")
  nil
end

begin
  worker.run
rescue Work::Refused => refused
  abort("refused: #{refused.message}")
end
