"""What the store does inside Redis, each script within one hash slot and at one instant of Redis's clock.

The last argument of all is the time: Unix ms, or "" for the server's own clock. string.format keeps all
digits: fences stay below 2^53, which Lua's numbers hold exactly.
"""

_NUMBER = "local function number(key) return tonumber(redis.call('GET', key) or '0') end"
_NOW = f"""{_NUMBER}
local function now_ms()
    if ARGV[#ARGV] ~= '' then return tonumber(ARGV[#ARGV]) end
    local time = redis.call('TIME')
    return time[1] * 1000 + math.floor(time[2] / 1000)
end
local function above(stored) return string.format('%.0f', math.max(stored + 1, now_ms() * 1024)) end
"""

# KEYS: lease, fence, placement. ARGV: owner, decoder, lease ms, fence ms, now. Returns the new fence.
TAKE = (
    _NOW
    + """
local fence = above(math.max(number(KEYS[2]), number(KEYS[3])))
redis.call('SET', KEYS[2], fence, 'PX', ARGV[4])
redis.call('SET', KEYS[3], fence, 'PX', ARGV[4])
redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'decoder', ARGV[2], 'fence', fence)
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return fence
"""
)

# KEYS: lease, fence, placement. ARGV: owner, decoder, fence, placement, lease ms, fence ms, now.
# Returns the new placement; "" when a newer owner exists.
MOVE = (
    _NOW
    + """
if number(KEYS[2]) > tonumber(ARGV[3]) then return '' end
local placement = above(math.max(number(KEYS[3]), tonumber(ARGV[4])))
redis.call('SET', KEYS[2], ARGV[3], 'PX', ARGV[6])
redis.call('SET', KEYS[3], placement, 'PX', ARGV[6])
redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'decoder', ARGV[2], 'fence', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return placement
"""
)

# KEYS: lease, fence, placement. ARGV: owner, decoder, fence, placement, lease ms, fence ms.
# Returns 0 when a newer owner exists.
RENEW = (
    _NUMBER
    + """
if number(KEYS[2]) > tonumber(ARGV[3]) then return 0 end
local placement = math.max(number(KEYS[3]), tonumber(ARGV[4]))
redis.call('SET', KEYS[2], ARGV[3], 'PX', ARGV[6])
redis.call('SET', KEYS[3], string.format('%.0f', placement), 'PX', ARGV[6])
redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'decoder', ARGV[2], 'fence', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return 1
"""
)

# KEYS: lease. ARGV: fence. Returns 0 when a newer owner exists or the lease has run out.
RELEASE = "return redis.call('HGET', KEYS[1], 'fence') == ARGV[1] and redis.call('DEL', KEYS[1]) or 0"

# KEYS: slots of a decoder (sorted set, session -> lease end). ARGV: session, slots, lease ms, now.
# Returns 1 when the session holds a slot.
CLAIM = (
    _NOW
    + """
local now = now_ms()
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local held = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not held and redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[2]) then return 0 end
redis.call('ZADD', KEYS[1], string.format('%.0f', now + ARGV[3]), ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
"""
)

# KEYS: slots of a decoder. ARGV: lease ms, session..., now. Keeps the slots of these sessions.
HOLD = (
    _NOW
    + """
local till = string.format('%.0f', now_ms() + ARGV[1])
for i = 2, #ARGV - 1 do redis.call('ZADD', KEYS[1], till, ARGV[i]) end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
"""
)

# KEYS: slots of a decoder. ARGV: now. Returns the number of slots held.
HELD = _NOW + "return redis.call('ZCOUNT', KEYS[1], string.format('%.0f', now_ms()), '+inf')"

# KEYS: prefill permit. ARGV: who, permit ms, now. Returns 1 for the one who has it.
ACQUIRE_PREFILL = (
    _NOW
    + """
if tonumber(redis.call('HGET', KEYS[1], 'until') or '0') > now_ms() then return 0 end
redis.call('HSET', KEYS[1], 'who', ARGV[1], 'until', string.format('%.0f', now_ms() + ARGV[2]))
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
"""
)

# KEYS: prefill permit. ARGV: who.
RELEASE_PREFILL = "if redis.call('HGET', KEYS[1], 'who') == ARGV[1] then redis.call('DEL', KEYS[1]) end"
