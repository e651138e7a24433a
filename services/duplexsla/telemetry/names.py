"""Names of all spans and their attributes: define one here before it is used."""

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
