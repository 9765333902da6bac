-- Announcements of 5,000 peers, a third of them seeders, to 100 contents: fifty peers each, and as many in an answer.
local CONTENTS = 100
local PEERS = 5000
local said = 0

request = function()
  said = said + 1
  local peer = said % PEERS
  local left = peer % 3 == 0 and 0 or 1000
  return wrk.format("GET", string.format(
    "/announce?info_hash=%%12%%34Vx%%9A%%BC%%DE%%F1%%23Eg%%89%%AB%%CD%%EF%%124Vx%%%02X"
      .. "&peer_id=-LS0100-%012d&port=%d&uploaded=0&downloaded=0&left=%d&compact=1&numwant=50",
    peer % CONTENTS, peer, 1024 + peer, left))
end
