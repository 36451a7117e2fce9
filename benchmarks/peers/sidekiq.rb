# Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#
# peer: Sidekiq
# needs: apt ruby-sidekiq ruby
# sweep: 5 10 25
# jobs: 50000
# promises: at most once
# gives up: without its paid edition a job that runs when the process dies is lost (BRPOP)
#
# sidekiq.rb ROLE PORT JOBS CONCURRENCY: measure.py says what the roles are.

require "json"
require "sidekiq"

ROLE = ARGV[0]
PORT, JOBS, CONCURRENCY = ARGV[1..].map(&:to_i)
SERVER = %w[work delays idle].include?(ROLE)
if SERVER
  require "sidekiq/cli"
  require "sidekiq/launcher"
end

# Debian's redis client is newer than its Sidekiq: two warnings a job would cost it half its speed.
Redis.silence_deprecations = true if Redis.respond_to?(:silence_deprecations=)
Sidekiq.logger.level = Logger::ERROR

def now = Process.clock_gettime(Process::CLOCK_MONOTONIC)
def cpu = Process.clock_gettime(Process::CLOCK_PROCESS_CPUTIME_ID)
def say(what) = $stdout.syswrite("#{what.is_a?(String) ? what : JSON.generate(what)}\n")
def mail(i) = {"user_id" => i, "address" => "user#{10_000 + i % 90_000}@example.com"}

def timed
  used = cpu
  start = now
  yield
  say({seconds: now - start, cpu: cpu - used})
end

class SendEmail
  include Sidekiq::Worker
  LOCK = Mutex.new
  WAITED = []
  @ran = 0
  class << self
    attr_accessor :ran, :start, :used
  end

  def perform(job)
    LOCK.synchronize do
      if ROLE == "work"
        SendEmail.start, SendEmail.used = now, cpu if SendEmail.ran.zero?
        SendEmail.ran += 1
        if SendEmail.ran == JOBS
          say({seconds: now - SendEmail.start, cpu: cpu - SendEmail.used, ran: JOBS})
        end
      elsif ROLE == "delays"
        WAITED << now * 1e3 - job["at_us"] / 1e3
        say({waited_ms: WAITED}) if WAITED.size == JOBS
      end
    end
  end
end

settings = {url: "redis://127.0.0.1:#{PORT}/0"}
if SERVER
  Sidekiq.configure_server do |config|
    config.options[:concurrency] = CONCURRENCY
    config.options[:queues] << "default"
    config.redis = settings
  end
  Sidekiq::Launcher.new(Sidekiq.options).run
  say("ready") unless ROLE == "work"
  sleep
else
  Sidekiq.configure_client { |config| config.redis = settings }
  case ROLE
  when "single"
    timed { JOBS.times { |i| SendEmail.perform_async(mail(i)) } }
  when "bulk"
    timed do
      (0...JOBS).each_slice(1000) do |some|
        Sidekiq::Client.push_bulk("class" => SendEmail, "args" => some.map { |i| [mail(i)] })
      end
    end
  when "lone"
    JOBS.times do |i|
      SendEmail.perform_async(mail(i).merge("at_us" => (now * 1e6).to_i))
      sleep 0.02
    end
  else
    exit 3
  end
end
