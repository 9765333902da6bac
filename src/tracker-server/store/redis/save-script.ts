import { COMPLETED_KEPT_SECONDS, REDIS_GENERATION_SECONDS } from '../../../limits.ts';
import { PEER_ROW_BYTES } from '../../registry/rows.ts';
import { COMPLETED_PREFIX, PEERS_PREFIX } from './redis-keys.ts';
import { MESSAGE_HEADER_BYTES } from './redis-message.ts';

/** Fields in one command; Lua's unpack takes some thousands of values. */
const FIELDS_AT_ONCE = 1_000;

/**
 * Saves a message and publishes it, in one go: who hears it finds it in Redis, too, and who starts meanwhile finds it
 * there or hears it. A row takes the place of an older one only. A peer that is gone stays as such until its generation
 * expires, so that a late row of another tracker does not bring it back.
 *
 * KEYS: none, they follow from the rows (so Redis Cluster is no place for this). ARGV: message, channel, seconds for
 * which a peer is kept.
 */
export const SAVE_SCRIPT = `
local message, channel, keep = ARGV[1], ARGV[2], tonumber(ARGV[3])
local first = ${MESSAGE_HEADER_BYTES} + 1
local peers_end = first + struct.unpack('>I4', message, first - 4) * ${PEER_ROW_BYTES}

local function hex(bytes)
  return (bytes:gsub('.', function(byte) return string.format('%02x', byte:byte()) end))
end
local function seen_at(value) return struct.unpack('>I4', value, 23) end

local groups, order = {}, {}
for at = first, peers_end - 1, ${PEER_ROW_BYTES} do
  local generation = math.floor(struct.unpack('>I4', message, at + 60) / ${REDIS_GENERATION_SECONDS})
  local info_hash = message:sub(at, at + 19)
  local name = generation .. ':' .. info_hash
  local group = groups[name]
  if not group then
    group = { info_hash = info_hash, generation = generation, fields = {}, values = {}, place = {} }
    groups[name] = group
    order[#order + 1] = group
  end
  local field = message:sub(at + 40, at + 57)
  local value = message:sub(at + 20, at + 39) .. message:sub(at + 58, at + 63)
  local place = group.place[field]
  if not place then
    place = #group.fields + 1
    group.place[field] = place
    group.fields[place] = field
    group.values[place] = value
  elseif seen_at(value) >= seen_at(group.values[place]) then
    group.values[place] = value
  end
end

for _, group in ipairs(order) do
  local info_hash = hex(group.info_hash)
  local key = '${PEERS_PREFIX}' .. group.generation .. ':' .. info_hash
  for from = 1, #group.fields, ${FIELDS_AT_ONCE} do
    local to = math.min(from + ${FIELDS_AT_ONCE} - 1, #group.fields)
    local known = redis.call('HMGET', key, unpack(group.fields, from, to))
    local changes = {}
    for place = from, to do
      local old, new = known[place - from + 1], group.values[place]
      if not old or seen_at(old) <= seen_at(new) then
        changes[#changes + 1] = group.fields[place]
        changes[#changes + 1] = new
      end
    end
    if #changes > 0 then redis.call('HSET', key, unpack(changes)) end
  end
  redis.call('EXPIREAT', key, (group.generation + 1) * ${REDIS_GENERATION_SECONDS} + keep)
  redis.call('EXPIRE', '${COMPLETED_PREFIX}' .. info_hash, ${COMPLETED_KEPT_SECONDS})
end

for at = peers_end, #message - 1, 24 do
  local key = '${COMPLETED_PREFIX}' .. hex(message:sub(at, at + 19))
  local completed = struct.unpack('>I4', message, at + 20)
  if completed > tonumber(redis.call('GET', key) or '0') then
    redis.call('SET', key, completed, 'EX', ${COMPLETED_KEPT_SECONDS})
  end
end

return redis.call('PUBLISH', channel, message)
`;
