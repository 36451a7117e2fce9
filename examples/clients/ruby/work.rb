#!/usr/bin/env ruby
# Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
#
# Enqueue and run jobs through a `work server`, with the standard library alone (Ruby >= 3.0).
#
#   worker = Work::Worker.new("http://127.0.0.1:5040")
#   worker.job("resize", max_attempts: 5) do |path, width|
#     Work.job.checkin("reading #{path}", 10)
#     { bytes: 42 }
#   end
#   worker.run                                                     # until SIGTERM
#   Work::Client.new("http://127.0.0.1:5040").enqueue("resize", "cat.png", 300)
require "json"
require "net/http"
require "openssl"
require "securerandom"
require "socket"
require "uri"

module Work
  # The server refuses a request: repeating it as it is would change nothing.
  class Refused < StandardError
    attr_reader :status, :problem, :slug

    def initialize(status, problem)
      super(problem["detail"] || "the server answered with status #{status}")
      @status, @problem = status, problem
      @slug = problem["type"].to_s[/[^:]*\z/]
    end
  end

  # The server gave no answer for as long as somebody cared.
  class Unanswered < StandardError; end

  # Raised by a handler: again after so many seconds, which costs no attempt.
  class Snooze < StandardError
    attr_reader :seconds

    def initialize(seconds)
      super("again in #{seconds} s")
      @seconds = seconds
    end
  end

  # Raised by a handler: the job is to be dropped, and why.
  class Discard < StandardError; end

  # Raised by a handler: on to the next stage under the same id, with all attempts anew, as
  # Next.new(queue: "gpu") or Next.new(name: "publish", args: [7]). What it leaves out stays.
  class Next < StandardError
    attr_reader :stage

    def initialize(**stage)
      super("on to the next stage")
      @stage = stage.key?(:args) ? stage.merge(args: JSON.generate(stage[:args])) : stage
    end
  end

  # Raised by a handler: no other attempt would go better.
  class Fatal < StandardError; end

  # Raised by a handler: it failed through no fault of its own, and no attempt is counted; again
  # after its backoff, or so many seconds.
  class Uncounted < StandardError
    attr_reader :again

    def initialize(why, again = nil)
      super(why)
      @again = again
    end
  end

  # The job whose handler runs in this thread.
  def self.job = Thread.current[:work_job]

  def self.now = Process.clock_gettime(Process::CLOCK_MONOTONIC)

  # One connection, for one thread at a time; it is opened anew when it was lost.
  class Connection
    def initialize(base, token)
      @base, @token, @http, @closed = base, token, nil, false
    end

    # One request: the status, the head, and the body as a Hash.
    def ask(method, path, text, key, timeout)
      http = (@http ||= open)
      raise IOError, "the connection was closed" if @closed
      http.read_timeout = timeout
      request = Net::HTTP.const_get(method.capitalize).new(@base.path + path)
      request["Authorization"] = "Bearer #{@token}" if @token
      request["Idempotency-Key"] = key if key
      request["Content-Type"], request.body = "application/json", text if text
      answer = http.request(request)
      told = JSON.parse(answer.body.to_s) rescue nil
      raise IOError, "the answer is no JSON" if answer.is_a?(Net::HTTPSuccess) && !told
      [answer.code.to_i, answer, told.is_a?(Hash) ? told : {}]
    rescue StandardError
      drop
      raise
    end

    # From any thread: the server hears at once that nobody waits any more.
    def close
      @closed = true
      drop
    end

    private

    def open
      http = Net::HTTP.new(@base.host, @base.port)
      http.use_ssl = @base.scheme == "https"
      http.open_timeout, http.max_retries, http.keep_alive_timeout = 10, 0, 10
      http.start
    end

    def drop
      @http&.finish
    rescue IOError
      nil # it was not open
    ensure
      @http = nil
    end
  end

  class Client
    REPEATED = [408, 429, 502, 503, 504, 507].freeze
    LOST = [SystemCallError, SocketError, IOError, Timeout::Error, Net::ProtocolError,
            Net::HTTPBadResponse, Net::HTTPHeaderSyntaxError, OpenSSL::SSL::SSLError].freeze

    # Seconds between two attempts of `call`, at most.
    attr_writer :longest_pause

    def initialize(url, token = nil)
      @base, @token, @longest_pause = URI(url.chomp("/") + "/api/v1"), token, 2.0
      raise ArgumentError, "#{url} is no http address" unless @base.is_a?(URI::HTTP)
    end

    # Stores a job: its id. Named options are those of POST /jobs, as in_ms or max_attempts. The key
    # makes the request safe to be repeated, which `call` does for a lost answer.
    def enqueue(name, *args, key: nil, **options)
      enqueue_json(name, JSON.generate(args), key: key, **options)
    end

    # With arguments that are JSON text, stored byte for byte.
    def enqueue_json(name, text, key: nil, **options)
      body = { **options, name: name, args: text }
      call("POST", "/jobs", body, key: key || SecureRandom.hex)["id"]
    end

    # Up to 1 000 jobs, each {name:, args:} and options: their ids; where one is refused, the error.
    def enqueue_bulk(jobs, key: nil)
      jobs = jobs.map { |one| { **one, args: JSON.generate(one.fetch(:args)) } }
      told = call("POST", "/jobs/bulk", { jobs: jobs }, key: key || SecureRandom.hex)
      told["results"].map { |one| one["id"] || Refused.new(one["status"], one) }
    end

    def connection = Connection.new(@base, @token)

    # Asks until there is an answer. Every request of a worker has a number, and every enqueue a
    # key, so that asking again changes nothing. `give_up.call`: should it end nevertheless?
    def call(method, path, body = nil, key: nil, timeout: 20, over: nil, give_up: nil)
      own = over ? nil : connection
      text = body && JSON.generate(body)
      pause = 0.05
      loop do
        told_to_wait = 0.0
        begin
          status, head, told = (over || own).ask(method, path, text, key, timeout)
          return told if status < 300
          raise Refused.new(status, told) unless REPEATED.include?(status)
          told_to_wait = head["Retry-After"].to_f
        rescue *LOST => failure
          raise Unanswered, failure.message if give_up&.call
        end
        raise Unanswered, "status #{status}" if give_up&.call
        sleep(told_to_wait + pause * rand(0.7..1.3))
        pause = [2 * pause, @longest_pause].min
      end
    ensure
      own&.close
    end
  end

  # A job that runs. `cancelled?`: somebody cancelled it, or its lease was lost. A handler that heard
  # of it and returns nil gave up; one that returns a result did its work.
  class Job
    attr_reader :id, :fence, :name, :attempt, :headers, :args_text, :follow_ups
    attr_reader :reason # of who cancelled it

    def initialize(worker, told)
      @worker, @cancelled, @lost, @heard = worker, false, false, false
      @id, @fence, @name = told.values_at("id", "fence", "name")
      @attempt, @headers = told.values_at("attempt", "headers")
      @args_text = told["args"] # as it was stored, byte for byte
      @follow_ups = []
    end

    # Integers of any size stay what they are.
    def args = @args ||= JSON.parse(@args_text)
    def cancelled? = @cancelled && (@heard = true)
    def gave_up? = @heard
    def lost? = @lost
    def key = [@id, @fence]

    # `lost`: another has the job now, so that nothing needs to be said of it any more.
    def cancel(lost: false, reason: nil)
      @lost ||= lost
      @reason = reason.to_s
      @cancelled = true
    end

    # Shows how far the job is. True: it is cancelled, and its handler should return.
    def checkin(message, percent = nil)
      @worker.say(:checkins, { id: @id, fence: @fence, message: message, percent: percent }.compact)
      cancelled?
    end

    # A job that is stored if, and only if, this one completes (or goes on to its next stage): both
    # at once.
    def then(name, *args, **options)
      @follow_ups << options.merge(name: name, args: JSON.generate(args))
      self
    end

    # Adds a line to the job's log, which keeps the last 100. Told within a heartbeat.
    def log(line) = @worker.log(@id, @fence, line.to_s.scrub("?")[0, 512])
  end

  # Runs jobs in `concurrency` threads, and extends their leases for as long as they run.
  class Worker
    MOST = 1 << 20 # bytes of a result, and of the outcomes of one report but for the first
    ROWS = 200

    def initialize(url, token: nil, concurrency: 4, lease_ms: 60_000, wait_ms: 20_000, grace: 25,
                   name: "")
      @client = Client.new(url, token)
      # Many attempts fit into a lease, so that a few answers that get lost don't cost it.
      @client.longest_pause = [lease_ms / 20_000.0, 2.0].min
      @pool = "#{Socket.gethostname[0, 32]}-#{Process.pid}-#{SecureRandom.hex(4)}"
      @pool = @pool.gsub(/[^A-Za-z0-9._-]/, "-")
      @concurrency, @lease_ms, @wait_ms, @grace = concurrency, lease_ms, wait_ms, grace
      @name, @types, @handlers = name, [], {}
      @lock, @changed = Mutex.new, ConditionVariable.new
      @free, @running, @jobs = concurrency, {}, Thread::Queue.new # running: by id and fence
      @said = { outcomes: [], checkins: [], logs: [], cancels_seen: [] }
      @state, @stopping, @ended, @failure, @told_to_stop = "running", false, nil, nil, false
      @next, @orders = {}, Thread::Queue.new
    end

    # Registers a handler. Options: queue, max_attempts, backoff, timeout_ms, on_crash. Arguments by
    # name come as keywords. A block is as strict about its arguments as a method.
    def job(name, **options, &block)
      whose = block.binding.receiver
      whose.define_singleton_method(:work_handler, &block)
      @handlers[name] = whose.method(:work_handler)
      whose.singleton_class.remove_method(:work_handler)
      @types << { **options, name: name }
      self
    end

    # Running jobs end, within `grace` seconds; a second time: at once. Signal handlers may call it.
    def stop = @orders << :stop

    # Until `stop`, SIGTERM or SIGINT, or until the server refuses this worker: then it raises why.
    def run
      before = %w[TERM INT].to_h { |one| [one, trap(one) { stop }] }
      begin
        register
      rescue Unanswered
        return
      end
      @claiming = @client.connection
      threads = @concurrency.times.map { Thread.new { guarded { work } } }
      reporter = Thread.new { guarded { report_all } }
      threads << Thread.new { guarded { claim_all } }
      @orders.pop
      finish(reporter)
      threads.each(&:kill)
      raise @failure if @failure
    ensure
      before&.each { |one, what| trap(one, what || "DEFAULT") }
    end

    # For jobs, which use it to say what is in the next report.
    def say(what, told)
      @lock.synchronize do
        # Of a job's checkins the last one counts.
        @said[what].reject! { |one| one.slice(:id, :fence) == told.slice(:id, :fence) }
        @said[what] << told
        @changed.broadcast if what == :outcomes
      end
    end

    # For jobs: a line of their logs for the next report.
    def log(id, fence, line)
      @lock.synchronize do
        row = @said[:logs].find { |one| one.values_at(:id, :fence) == [id, fence] }
        @said[:logs] << (row = { id: id, fence: fence, lines: [] }) unless row
        row[:lines] = row[:lines].last(99) << line
      end
    end

    private

    def finish(reporter)
      @lock.synchronize { @stopping = true }
      @claiming.close
      over = Work.now + @grace
      @lock.synchronize do
        while !@running.empty? && !@failure && @orders.empty? && Work.now < over
          @changed.wait(@lock, 0.1)
        end
        @ended = Work.now + 5
        @changed.broadcast
      end
      reporter.join(10)
      @client.call("DELETE", path, give_up: -> { Work.now > @ended })
    rescue Refused, Unanswered
      nil # then its leases run out
    end

    def path = "/pools/#{@pool}"

    # A thread that ends by an error ends the worker, and `run` raises it.
    def guarded
      yield
    rescue Exception => failure # rubocop:disable Lint/RescueException
      @lock.synchronize { @failure ||= failure }
      stop
    end

    def register
      told = @client.call("PUT", path, {
        job_types: @types, language: "ruby", concurrency: @concurrency, lease_ms: @lease_ms,
        name: @name, host: Socket.gethostname[0, 128], pid: Process.pid
      }, give_up: -> { @running.empty? && (@stopping || !@orders.empty?) })
      @beat = told["heartbeat_ms"] / 1000.0
      @next = { claim: told["next_claim"], report: told["next_report"] } if @next.empty?
      told
    end

    # One request of a stream: the same number until it is answered, then the next.
    def numbered(what, body, **how)
      loop do
        answer = @client.call("POST", "#{path}/#{what}", { **body, number: @next[what] }, **how)
        @next[what] += 1
        return answer
      rescue Refused => refused
        case refused.slug
        when "no-such-pool" then @next[what] = register["next_#{what}"] # it was silent for an hour
        when "stale-number" then @next[what] = refused.problem["next"]
        when "in-flight" then sleep(0.2) # the server still has the socket that was lost
        else raise
        end
      end
    end

    def claim_all
      until @stopping
        want = @lock.synchronize do
          @changed.wait(@lock, 0.5) until @stopping || (@free.positive? && @state == "running")
          [@free, 256].min.tap { |taken| @free -= taken }
        end
        break if @stopping
        begin
          answer = numbered(:claim, { want: want, wait_ms: @wait_ms }, over: @claiming,
                            timeout: @wait_ms / 1000.0 + 15, give_up: -> { @stopping })
        rescue Unanswered
          break
        end
        jobs = answer["jobs"].map { |told| Job.new(self, told) }
        @lock.synchronize do
          jobs.each { |one| @running[one.key] = one }
          @free += want - jobs.size
        end
        heed(answer)
        jobs.each { |one| @jobs << one }
      end
    end

    def work
      loop do
        one = Thread.current[:work_job] = @jobs.pop
        outcome = @stopping ? { outcome: "release" } : outcome_of(one)
        ends = %w[complete discard next].include?(outcome[:outcome])
        outcome = outcome.merge(then: one.follow_ups) if ends && one.follow_ups.any?
        say(:outcomes, { id: one.id, fence: one.fence, **outcome })
        @lock.synchronize do
          @free += 1
          @changed.broadcast
        end
      end
    end

    def outcome_of(one)
      handler = @handlers.fetch(one.name)
      result = if one.args.is_a?(Hash)
                 handler.call(**one.args.transform_keys(&:to_sym))
               else
                 handler.call(*one.args)
               end
      return { outcome: one.gave_up? ? "release" : "complete" } if result.nil?
      text = JSON.generate(result)
      raise Fatal, "its result has #{text.bytesize} bytes, at most #{MOST}" if text.bytesize > MOST
      { outcome: "complete", result: text }
    rescue Snooze => snooze
      { outcome: "snooze", in_ms: (snooze.seconds * 1000).to_i }
    rescue Discard => why
      { outcome: "discard", why: readable(why.message, 1000) }
    rescue Next => to
      { **to.stage, outcome: "next" }
    rescue Exception => failure # rubocop:disable Lint/RescueException
      { outcome: "fail", type: failure.class.to_s.byteslice(0, 120), fatal: failure.is_a?(Fatal),
        message: readable(failure.message, 2000), **free(failure),
        backtrace: readable((failure.backtrace || []).first(30).join("\n"), 2000) }
    end

    def free(failure)
      return {} unless failure.is_a?(Uncounted)
      { counts: false, retry_in_ms: failure.again && (failure.again * 1000).to_i }.compact
    end

    def readable(text, most) = text.to_s.dup.force_encoding("UTF-8").scrub("?")[0, most]

    # Says at once what became of jobs, and in each heartbeat which of them still run.
    def report_all
      beat_at = Work.now + @beat
      loop do
        body, ended = nil
        @lock.synchronize do
          @changed.wait(@lock, [beat_at - Work.now, 0.01].max) until
            !@said[:outcomes].empty? || @ended || Work.now >= beat_at
          return if @ended && @said[:outcomes].empty?
          body = take_said
          ended = body[:outcomes].map { |one| one.values_at(:id, :fence) }
          if Work.now >= beat_at
            beat_at = Work.now + @beat
            kept = @running.reject { |key, one| ended.include?(key) || one.lost? }
            body[:extend] = kept.keys.group_by(&:last).map do |fence, keys|
              { fence: fence, ids: keys.map(&:first) }
            end
          end
        end
        begin
          report(body)
        rescue Unanswered
          return
        end
        @lock.synchronize do
          ended.each { |key| @running.delete(key) }
          @changed.broadcast
        end
      end
    end

    # As much as fits into one report.
    def take_said
      bytes = 0
      fits = @said[:outcomes].first(ROWS).take_while.with_index do |one, i|
        (bytes += one[:result].to_s.bytesize) < MOST || i.zero?
      end
      { outcomes: @said[:outcomes].shift(fits.size), checkins: @said[:checkins].shift(ROWS),
        logs: @said[:logs].shift(ROWS), cancels_seen: @said[:cancels_seen].shift(ROWS) }
    end

    # What is refused is said again, one by one, so that one outcome does not take others along; the
    # one that is refused by itself fails, and says why. Checkins and logs are no loss.
    def report(body)
      heed(numbered(:report, body, give_up: -> { @ended && Work.now > @ended }))
    rescue Refused => refused
      raise if [401, 403].include?(refused.status)
      warn "work: a report is refused: #{refused.message}"
      outcomes, extend = body.values_at(:outcomes, :extend)
      if outcomes.nil?
        nil
      elsif outcomes.size != 1 || body.size > 1
        outcomes.each { |one| report({ outcomes: [one] }) }
        report({ extend: extend }) if extend
      elsif outcomes[0][:type] != "refused"
        failed = { outcome: "fail", type: "refused", message: refused.message, fatal: true }
        report({ outcomes: [{ **outcomes[0].slice(:id, :fence), **failed }] })
      end
    end

    def heed(answer)
      @lock.synchronize do
        answer["cancels"].each do |one|
          @running[one.values_at("id", "fence")]&.cancel(reason: one["reason"])
          @said[:cancels_seen] << { id: one["id"], fence: one["fence"] }
        end
        (answer["extended"] || []).each do |one|
          @running.each do |(id, fence), job|
            next unless fence == one["fence"]
            job.cancel(lost: true) if one["code"] == "lease_lost" || one["timed_out"].include?(id)
          end
        end
        @state = answer["state"]
        @changed.broadcast
      end
      return if @state != "stopping" || @told_to_stop
      @told_to_stop = true
      stop
    end
  end
end

if $PROGRAM_NAME == __FILE__
  # work.rb URL NAME [ARGUMENT...]: stores a job
  puts Work::Client.new(ARGV[0], ENV["WORK_TOKEN"]).enqueue(*ARGV[1..])
end
