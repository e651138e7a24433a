"""Names of all spans, attributes and metrics: define one here before it is used."""

# Spans.
SPAN_SESSION = "duplexsla.session"
SPAN_SEGMENT = "duplexsla.segment"
SPAN_STEP = "duplexsla.step"
SPAN_DECODER_STEP = "decoder.step"
SPAN_PUBLISH = "actions publish"
SPAN_PROCESS = "actions process"
SPAN_EXECUTE = "execute_tool"  # followed by a space and the function's name
SPAN_DEVICE = "device call"

# Attributes.
ATTR_SESSION = "duplexsla.session.id"  # 16 hex digits
ATTR_HOME = "duplexsla.home"
ATTR_TOOLSET = "duplexsla.toolset"
ATTR_CLOCK = "duplexsla.clock"
ATTR_FENCE = "duplexsla.fence"
ATTR_DECODER = "duplexsla.decoder"
ATTR_CHUNK = "duplexsla.chunk"
ATTR_STEP_MS = "duplexsla.step_ms"
ATTR_TICK_MS = "duplexsla.tick_ms"
ATTR_BATCH = "duplexsla.batch"
ATTR_MISS = "duplexsla.deadline_miss"
ATTR_CONCEALED = "duplexsla.concealed"
ATTR_ACTIONS = "duplexsla.actions"
ATTR_ACTION = "duplexsla.action.id"
ATTR_STATE = "duplexsla.action.state"
ATTR_ATTEMPTS = "duplexsla.action.attempts"
ATTR_TOOL = "gen_ai.tool.name"
ATTR_TOPIC = "messaging.destination.name"

# Metrics; counters unless said.
METRIC_LIVE = "duplexsla.sessions.live"  # gauge
METRIC_OPENED = "duplexsla.sessions.opened"
METRIC_REFUSED = "duplexsla.sessions.refused"
METRIC_FAILED = "duplexsla.sessions.failed"
METRIC_STEPS = "duplexsla.steps"
METRIC_MISSES = "duplexsla.steps.missed"
METRIC_STEP_MS = "duplexsla.step.duration_ms"  # histogram
METRIC_CONCEALED = "duplexsla.audio.concealed_samples"
METRIC_LOST = "duplexsla.audio.lost_samples"
METRIC_CHUNKS_DROPPED = "duplexsla.chunks.dropped"
METRIC_ACTIONS = "duplexsla.actions.published"
METRIC_UNAVAILABLE = "duplexsla.actions.unavailable"
METRIC_OUTCOMES = "duplexsla.outcomes.delivered"
METRIC_OUTCOMES_UNCLAIMED = "duplexsla.outcomes.unclaimed"  # of sessions that are not here
METRIC_REBUILT = "duplexsla.sessions.rebuilt"  # on another decoder, after theirs was lost
METRIC_MIGRATED = "duplexsla.sessions.migrated"  # off a decoder that drained
METRIC_PARKED = "duplexsla.sessions.parked"  # their client went without a word
METRIC_RESUMED = "duplexsla.sessions.resumed"  # their client came back
METRIC_CHUNKS_FORGOTTEN = "duplexsla.chunks.forgotten"  # with the gateway that had heard them
METRIC_JOURNAL_CHUNKS = "duplexsla.journal.chunks"  # written behind
METRIC_JOURNAL_FAILURES = "duplexsla.journal.failures"  # batches that the store did not take
METRIC_FENCES_REFUSED = "duplexsla.sessions.fenced"  # given up, because another gateway owns them
METRIC_SPANS_DROPPED = "duplexsla.spans.dropped"
STEP_MS_BUCKETS = (5, 10, 20, 40, 80, 120, 160, 240, 320, 640)
