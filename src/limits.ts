/**
 * Every default and every limit on what comes from outside, in one place.
 * The unit is the last word of each name; the origin stands beside the number.
 */

// ---- ports and groups -------------------------------------------------------------------------------

/** TCP and UDP port a sharer listens on when it is free; unassigned at IANA. */
export const DEFAULT_NODE_PORT = 47_470;
/** UDP port of the beacon's multicast groups and of its subnet broadcasts. */
export const BEACON_PORT = 47_471;
/** Administratively scoped, local scope (RFC 2365 section 6.1). */
export const BEACON_GROUP_IPV4 = '239.255.76.83';
/** Transient, link-local scope (RFC 4291 section 2.7). */
export const BEACON_GROUP_IPV6 = 'ff12::4c53';
export const MDNS_PORT = 5353;
export const MDNS_GROUP_IPV4 = '224.0.0.251';
export const MDNS_GROUP_IPV6 = 'ff02::fb';

// ---- metainfo ---------------------------------------------------------------------------------------

/** As libtorrent's load_torrent_limits keeps them. */
export const MAX_TORRENT_BYTES = 10 * 1024 * 1024;
export const MAX_BENCODE_DEPTH = 100;
export const MAX_BENCODE_TOKENS = 3_000_000;
export const MAX_PIECES = 2_097_152;
/** Files of one content; bounds the memory of a hostile torrent and the time of a share. */
export const MAX_FILES = 1_000_000;
/** Folders in folders; deeper is refused (PATH_MAX is 4096 bytes on Linux). */
export const MAX_PATH_DEPTH = 64;
/** NAME_MAX of every common file system. */
export const MAX_PATH_PART_BYTES = 255;
export const MIN_PIECE_LENGTH_BYTES = 16 * 1024;
/** A piece is one frame and one buffer of ours. 64 MiB is what libtorrent still accepts by default. */
export const MAX_PIECE_LENGTH_BYTES = 64 * 1024 * 1024;
export const DEFAULT_PIECE_LENGTH_MIN_BYTES = 256 * 1024;
export const DEFAULT_PIECE_LENGTH_MAX_BYTES = 16 * 1024 * 1024;
/** Piece length doubles until a content has no more than this many pieces. */
export const DEFAULT_PIECES_TARGET = 1_024;

// ---- links ------------------------------------------------------------------------------------------

/** BitTorrent clients agree on 10 s (libtorrent's handshake_timeout). */
export const HANDSHAKE_TIMEOUT_MS = 10_000;
export const DIAL_TIMEOUT_MS = 5_000;
/** A link on which nothing is asked, sent or wanted for so long is closed (BEP 3 clients: 120 s). */
export const IDLE_TIMEOUT_MS = 120_000;
/** With requests outstanding and not one byte for so long, the peer is taken for stalled. */
export const STALL_TIMEOUT_MS = 8_000;
export const MAX_LINKS_TOTAL = 200;
/** Connections that have not finished their handshake; more are refused at once. */
export const MAX_PENDING_HANDSHAKES = 64;
/** Links per remote address, so that one host cannot take all places. */
export const MAX_LINKS_PER_ADDRESS = 64;
/** Dials of one content under way at once. */
export const MAX_DIALS_AT_ONCE = 16;
/** Links one transfer opens by itself. */
export const MAX_DIALED_LINKS = 48;
export const REDIAL_MIN_MS = 500;
export const REDIAL_MAX_MS = 15_000;
/** A hello is a small bencoded dictionary. */
export const MAX_HELLO_BYTES = 4_096;
/** Text in a refusal. */
export const MAX_REFUSAL_BYTES = 512;
export const METAINFO_SLICE_BYTES = 256 * 1024;
/** Requests a peer may leave with us; libtorrent's default is 2000 blocks of 16 KiB, ours are pieces. */
export const MAX_QUEUED_REQUESTS = 256;
export const MAX_METAINFO_REQUESTS_QUEUED = 64;

// ---- requests ---------------------------------------------------------------------------------------

/** Time's worth of data to keep asked for at each peer; several LAN round trips and a disk seek. */
export const REQUEST_WINDOW_MS = 200;
export const REQUEST_WINDOW_MIN_BYTES = 1024 * 1024;
export const REQUEST_WINDOW_MAX_BYTES = 16 * 1024 * 1024;
/** Piece buffers of one transfer that are being filled, hashed or written. */
export const MAX_PIECE_BUFFER_BYTES = 96 * 1024 * 1024;
/** Slice in which pieces are read from disk for serving. */
export const SERVE_SLICE_BYTES = 512 * 1024;
/** Bytes one link may have read but not handed to the kernel. */
export const SERVE_AHEAD_BYTES = 2 * 1024 * 1024;
export const RECEIVE_BUFFER_BYTES = 512 * 1024;

// ---- choking ----------------------------------------------------------------------------------------

/** A LAN's uplink is wide: choke only beyond this many. */
export const DEFAULT_UPLOAD_SLOTS = 24;
/** BEP 3: every 10 s, the optimistic one every 30 s. */
export const DEFAULT_CHOKE_INTERVAL_MS = 10_000;
export const DEFAULT_OPTIMISTIC_INTERVAL_MS = 30_000;

// ---- discovery --------------------------------------------------------------------------------------

/** Fits the IPv6 minimum MTU (1280) with headers. */
export const MAX_DATAGRAM_BYTES = 1_200;
/** What is accepted; mDNS allows 9000 (RFC 6762 section 17). */
export const MAX_DATAGRAM_RECEIVED_BYTES = 9_000;
export const MAX_NAME_BYTES = 255;
export const MAX_HOLDINGS = 100_000;
export const MAX_HOLDINGS_PER_PEER = 4_096;
export const MAX_PEERS_KNOWN = 10_000;
/** A record that is not heard again within this time is forgotten. */
export const HOLDING_TTL_MS = 9_000;
/** Announcements repeat three times within the lifetime of a record, so two may be lost. */
export const ANNOUNCE_INTERVAL_MS = 2_500;
export const QUERY_FIRST_REPEAT_MS = 100;
export const QUERY_MAX_REPEAT_MS = 1_000;
/** After the first answer to a name, others may still name a different content. */
export const NAME_SETTLE_MS = 60;
export const DATAGRAMS_PER_SOURCE_PER_SECOND = 200;
export const INTERFACE_POLL_MS = 2_000;

// ---- storage ----------------------------------------------------------------------------------------

/** Open file descriptors of one content; `ulimit -n` is 1024 on most systems. */
export const MAX_OPEN_FILES = 128;
/** Data is pushed to the disk at this distance, so that the last fsync is short. */
export const SYNC_DISTANCE_BYTES = 128 * 1024 * 1024;
/** How often the path of a served file is compared with what was hashed. */
export const SOURCE_CHECK_INTERVAL_MS = 1_000;
/** Contents remembered in the hash cache. */
export const MAX_HASH_CACHE_ENTRIES = 512;

// ---- command line -----------------------------------------------------------------------------------

export const DEFAULT_FETCH_TIMEOUT_SECONDS = 10;
export const LIST_WAIT_MS = 1_000;
/** A complete fetch stops serving a peer that has made no progress for so long. */
export const LINGER_WITHOUT_PROGRESS_MS = 15_000;
