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
/** Lists and dictionaries in each other; libtorrent's 100 counts what stands in the innermost. */
export const MAX_BENCODE_DEPTH = 99;
export const MAX_BENCODE_TOKENS = 3_000_000;
export const MAX_PIECES = 2_097_152;
/** Files of one content; bounds the memory of a hostile torrent and the time of a share. */
export const MAX_FILES = 1_000_000;
/** A file of 2^30 blocks is the first that libtorrent refuses: the indexes of its tree would not fit. */
export const MAX_FILE_BYTES = (2 ** 30 - 1) * 16 * 1024 - 1;
/** Folders in folders; deeper is refused (PATH_MAX is 4096 bytes on Linux). As deep as bencode may be. */
export const MAX_PATH_DEPTH = 100;
/** Parts of a path as a .torrent writes it, before those that name no folder (`..`) are dropped. */
export const MAX_PATH_PARTS_WRITTEN = 1_000;
/** NAME_MAX of every common file system. */
export const MAX_PATH_PART_BYTES = 255;
export const MIN_PIECE_LENGTH_BYTES = 16 * 1024;
/** A piece is one frame and one buffer of ours. libtorrent loads .torrents of up to 1 GiB a piece; nobody makes them. */
export const MAX_PIECE_LENGTH_BYTES = 64 * 1024 * 1024;
export const DEFAULT_PIECE_LENGTH_MIN_BYTES = 256 * 1024;
export const DEFAULT_PIECE_LENGTH_MAX_BYTES = 16 * 1024 * 1024;
/** Piece length doubles until a content has no more than this many pieces. */
export const DEFAULT_PIECES_TARGET = 1_024;
/** A torrent is a hybrid (BEP 52) unless the padding that aligns its files is more than this of the content. */
export const MAX_PADDING_PERCENT = 5;

// ---- links ------------------------------------------------------------------------------------------

/** BitTorrent clients agree on 10 s (libtorrent's handshake_timeout). */
export const HANDSHAKE_TIMEOUT_MS = 10_000;
export const DIAL_TIMEOUT_MS = 5_000;
/** A link on which nothing is asked, sent or wanted for so long is closed (BEP 3 clients: 120 s). */
export const IDLE_TIMEOUT_MS = 120_000;
/** With requests outstanding and not one byte for so long, the peer is taken for stalled. */
export const STALL_TIMEOUT_MS = 8_000;
/** The same for a peer that has not given a piece yet, where others have what it owes. */
export const UNPROVEN_STALL_TIMEOUT_MS = 4_000;
/** Who owes pieces and brings nothing for so long is not waited for, where others have them. */
export const SNUBBED_AFTER_MS = 2_000;
export const UNPROVEN_SNUBBED_AFTER_MS = 1_000;
/** A link that has been silent for so long gives way to a new one from the same peer. */
export const DUPLICATE_QUIET_MS = 4_000;
/** Connections that a node takes; those it dials are bounded below. */
export const MAX_LINKS_TOTAL = 200;
/** Connections that have not finished their handshake; beyond it one of them is closed for each new one. */
export const MAX_PENDING_HANDSHAKES = 64;
/** Connections taken from one address, so that one host cannot take all places. */
export const MAX_LINKS_PER_ADDRESS = 64;
/** Dials of one content under way at once. */
export const MAX_DIALS_AT_ONCE = 16;
/** Links one transfer opens by itself. */
export const MAX_DIALED_LINKS = 48;
export const REDIAL_MIN_MS = 500;
export const REDIAL_MAX_MS = 15_000;
/** How long the better address of a peer is waited for before the next is dialled, too (RFC 8305 section 8). */
export const DIAL_HEAD_START_MS = 250;
/** The same where the connection stands and the peer has yet to answer: it is there, and busy. */
export const HANDSHAKE_HEAD_START_MS = 3_000;
/** Who owes pieces and has been silent for so long may have lost its network: another address of it is dialled. */
export const LINK_QUIET_MS = 1_000;
/** Links beyond MAX_DIALED_LINKS to peers that hold what nobody linked holds. */
export const MAX_EXTRA_LINKS = 8;
/** With fewer links than this, peers that have nothing for us yet are dialled, too: they are fetching. */
export const GROWING_LINKS = 24;
/** A link on which nothing passed for so long gives its place to a peer that has what we lack. */
export const USELESS_LINK_MS = 2_000;
/** A transfer that is over by then is not worth a second link to the same peer. */
export const SECOND_LINK_AFTER_MS = 1_000;
/** The rates of two links to one peer are compared when the second has had so long. */
export const SECOND_LINK_TRIAL_MS = 3_000;
/** A second network that was much slower is tried again after so long, or when the first is lost. */
export const SECOND_LINK_RETRY_MS = 60_000;
/** A hello is a small bencoded dictionary. */
export const MAX_HELLO_BYTES = 4_096;
/** Text in a refusal. */
export const MAX_REFUSAL_BYTES = 512;
export const METAINFO_SLICE_BYTES = 256 * 1024;
/** Requests a peer may leave with us; libtorrent's default is 2000 blocks of 16 KiB, ours are pieces. */
export const MAX_QUEUED_REQUESTS = 256;
/** Frames but pieces that a peer makes us send and does not read; about 15,000 haves or rejects. */
export const MAX_UNREAD_FRAMES_BYTES = 4 * 1024 * 1024;

// ---- requests ---------------------------------------------------------------------------------------

/**
 * Time's worth of data to keep asked for at each peer: many LAN round trips, or a disk seek. Longer would have
 * several fetchers ask a sharer for the same pieces before they hear of each other's.
 */
export const REQUEST_WINDOW_MS = 50;
export const REQUEST_WINDOW_MIN_BYTES = 1024 * 1024;
export const REQUEST_WINDOW_MAX_BYTES = 8 * 1024 * 1024;
/** Pieces asked at once of a peer of which none has verified yet. */
export const UNPROVEN_REQUESTS = 1;
/** Refused requests, beyond those made good by pieces, that end a link. */
export const MAX_FAILED_CLAIMS = 16;
/** With a download limit, all peers together are asked for what it lets in within this time ... */
export const LIMITED_REQUESTS_MS = 1_000;
/** ... and at least for so many pieces, so that one slow peer does not hold it up. */
export const MIN_LIMITED_REQUESTS = 4;
/** Piece buffers of one transfer that are being filled: one for each peer that is asked. */
export const MAX_PIECE_BUFFER_BYTES = 64 * 1024 * 1024;
/** Pieces that have arrived and are not hashed and written; beyond it nothing is read. A slow disk fills it. */
export const MAX_BACKLOG_BYTES = 16 * 1024 * 1024;
/** Slice in which pieces are read from disk for serving. */
export const SERVE_SLICE_BYTES = 512 * 1024;
/** Bytes one link may have read but not handed to the kernel. */
export const SERVE_AHEAD_BYTES = 2 * 1024 * 1024;
/** Buffers of all links of a node that serve at once; who finds none waits. */
export const SERVE_BUFFERS_BYTES = 48 * 1024 * 1024;
/** Of a socket whose bytes have no better place; what it holds of a piece is copied. */
export const RECEIVE_BUFFER_BYTES = 64 * 1024;

// ---- choking ----------------------------------------------------------------------------------------

/** A LAN's uplink is wide: choke only beyond this many. */
export const DEFAULT_UPLOAD_SLOTS = 24;
/** Who is unchoked and asks for nothing for so long does not count against the slots. */
export const SLOT_UNUSED_AFTER_MS = 2_000;
/** BEP 3: every 10 s, the optimistic one every 30 s. */
export const DEFAULT_CHOKE_INTERVAL_MS = 10_000;
export const DEFAULT_OPTIMISTIC_INTERVAL_MS = 30_000;

// ---- the assignment's program -----------------------------------------------------------------------

/** From the first neighbour that becomes interested to the first choking round, where others may still come. */
export const FIRST_CHOKING_ROUND_MS = 500;
/**
 * A request of which not a byte has come for so long is taken for lost: real programs drop one that comes right after
 * their unchoke. Long enough for a piece of MAX_PIECE_LENGTH_BYTES to begin behind others on a gigabit line.
 */
export const STRICT_REQUEST_TIMEOUT_MS = 3_000;
/** Dials of a listed peer: student programs are started by hand, seconds later, and must not wait for us then. */
export const CLASSROOM_REDIAL_MIN_MS = 100;
export const CLASSROOM_REDIAL_MAX_MS = 1_000;
/** A complete peer that was not linked when we became complete may come back in this time to hear of it. */
export const FAREWELL_WAIT_MS = 5_000;
/** Peers that are linked, could go on and do not, are waited for at least so long. */
export const STUCK_PEERS_MS = 60_000;
/** A peer that has the file and says nothing for so long waits for our first word: some programs do. */
export const SILENT_SEEDER_MS = 1_000;
/** How often time alone is looked at: unanswered requests, and whether the run is over. */
export const CLASSROOM_TICK_MS = 250;
/** How often a run tells how far it is, at most. */
export const CLASSROOM_PROGRESS_MS = 100;
/** Different refusals that a run tells of; each of them once. */
export const MAX_REFUSALS_TOLD = 100;
/**
 * Chokes, unchokes, words about interest and repeated haves of one listed peer, each a line of the log: so many a second
 * over time, and so many at once. A program that repeats its interest with every piece says a few thousand a second.
 */
export const CLASSROOM_TALK_PER_SECOND = 5_000;
export const MAX_CLASSROOM_TALK_AT_ONCE = 20_000;

// ---- discovery --------------------------------------------------------------------------------------

/** Fits the IPv6 minimum MTU (1280) with headers. */
export const MAX_DATAGRAM_BYTES = 1_200;
/** What is accepted; mDNS allows 9000 (RFC 6762 section 17). */
export const MAX_DATAGRAM_RECEIVED_BYTES = 9_000;
export const MAX_NAME_BYTES = 255;
export const MAX_HOLDINGS = 100_000;
export const MAX_HOLDINGS_PER_PEER = 4_096;
export const MAX_PEERS_KNOWN = 10_000;
/** Piece ranges of all that is heard, 50 bytes each: 1,000 peers that hold every second of 2,000 pieces. */
export const MAX_PIECE_RANGES = 1_000_000;
/** Of one index: half of 16,384 pieces in the worst order. What lies behind is known by its number alone. */
export const MAX_PIECE_RANGES_PER_HOLDING = 4_096;
/** A record that is not heard again within this time is forgotten. */
export const HOLDING_TTL_MS = 30_000;
/**
 * Announcements repeat three times within the lifetime of a record, so two may be lost. Gossip notices in a few seconds
 * who is gone; these are for those whom it does not reach.
 */
export const ANNOUNCE_INTERVAL_MS = 8_000;
export const QUERY_FIRST_REPEAT_MS = 100;
export const QUERY_MAX_REPEAT_MS = 1_000;
/**
 * After the first answer to a name, others may still name a different content: twice as long as the first one took is
 * waited for them, between these. On a wired LAN all answers are there within 10 ms; Wi-Fi delivers multicast to
 * sleeping stations every 100 ms.
 */
export const NAME_SETTLE_MIN_MS = 20;
export const NAME_SETTLE_MAX_MS = 200;
/** The beacon answers within milliseconds; the code of the others, which takes 30 ms to load, comes after that. */
export const OTHER_DISCOVERIES_DELAY_MS = 80;
export const DATAGRAMS_PER_SOURCE_PER_SECOND = 200;
/** Reading all interfaces takes 0.3 ms or so: 0.06 % of a core, and a new network is in use before anybody looks. */
export const INTERFACE_POLL_MS = 500;
/** All parts of a process that ask within this time share one reading. */
export const INTERFACE_REREAD_MS = 200;
/** What could not be bound or joined is tried again. */
export const SOCKET_RETRY_MS = 1_000;
/** Linux joins a group on 20 interfaces a socket (igmp_max_memberships); a machine has fewer that matter. */
export const MAX_INTERFACES_USED = 16;
/** Asked of the system, which may give less (net.core.rmem_max): a burst of answers should fit. */
export const DATAGRAM_RECEIVE_BUFFER_BYTES = 1024 * 1024;
/** Addresses of one peer that are kept; a host has few interfaces. */
export const MAX_ADDRESSES_PER_PEER = 16;
/** Peer ids heard from one address, so that one host cannot push all others out of the table. */
export const MAX_PEERS_PER_HOST = 256;
/** Piece ranges of one record; with the longest name a record takes half a datagram. */
export const MAX_PIECE_RANGES_BYTES = 256;
/** The longest lifetime a record may claim: that of an announcement among 10,000 nodes. */
export const MAX_HOLDING_TTL_MS = 30 * 60_000;
/** After a withdrawal or a goodbye, datagrams that were overtaken on the way are not believed for so long. */
export const GONE_HOLD_MS = 2_000;

// ---- beacon -----------------------------------------------------------------------------------------

/** Changes within this time go out together. */
export const ANNOUNCE_MERGE_MS = 20;
/** A change is said again after so long, for those who lost the first datagram. */
export const ANNOUNCE_REPEATS_MS: readonly number[] = [250, 1_000];
/** Pieces won within this time are told to the discoveries together; each has a pace of its own beyond that. */
export const PIECES_MERGE_MS = 100;
/**
 * A fetcher's new pieces are announced by multicast this often at most, and less often where many announce; links and
 * gossip tell them at once.
 */
export const PIECES_ANNOUNCE_INTERVAL_MS = 2_000;
/** Datagrams of one burst of changes; what is beyond waits for its regular turn, or for a query. */
export const MAX_BURST_DATAGRAMS = 16;
/** All nodes' announcements of what they go on holding together, on one LAN; four fifths of the 20 KiB/s it may cost. */
export const ANNOUNCE_LAN_BYTES_PER_SECOND = 16 * 1024;
/** 8 bytes each; leaves half a datagram for the rest of the query. */
export const MAX_KNOWN_PEERS_IN_QUERY = 64;
/** Peers one search remembers the answers of. */
export const MAX_ANSWERS_REMEMBERED = 2_048;
/** The answer to one query: about 1,000 records; half of what a source may send a second. */
export const MAX_ANSWER_DATAGRAMS = 100;
/**
 * Of what was received, so much may be answered to an address that is not proven (RFC 9000 section 8.1): a forged
 * sender cannot have much sent to its victim.
 */
export const ANSWER_UNPROVEN_FACTOR = 3;
/** Questions asked of single nodes that are remembered: as many as one node holds in part, and more. */
export const MAX_SINGLE_QUESTIONS = 64;
/** Questions to one member of the gossip that may have what is searched for. */
export const INQUIRIES_PER_SECOND = 8;
/** The same datagram from the same host within this time came by multicast and by broadcast. */
export const COPY_WITHIN_MS = 50;
/** Hosts whose last datagram is remembered; up to 9 KB each. */
export const MAX_COPIES_REMEMBERED = 512;
/** Beginnings of answers that one node can have us ask on for. */
export const ANSWER_CONTINUATIONS_PER_SECOND = 8;
export const ANSWER_BYTES_PER_SOURCE_PER_SECOND = 256 * 1024;
/** With more peers than this, answers to a multicast query are spread ... */
export const ANSWER_AT_ONCE_PEERS = 32;
/** ... over this time a peer, so that a thousand answers do not overflow the asker's socket. */
export const ANSWER_SPREAD_PER_PEER_MS = 0.1;
/** The same query arrives by several ways within this time and is answered once. */
export const QUERY_REPEAT_HOLD_MS = 2_000;
export const MAX_QUERIES_REMEMBERED = 4_096;
/** Addresses whose rates are remembered. */
export const MAX_SOURCES_REMEMBERED = 4_096;
/** The goodbye is said twice, this far apart. */
export const BYE_REPEAT_MS = 10;
/** Host names given with --peer are looked up again. */
export const RESOLVE_INTERVAL_MS = 30_000;
export const MAX_ADDRESSES_PER_NAME = 4;
/** How long a failed sending is shown among the problems. */
export const SEND_PROBLEM_MEMORY_MS = 30_000;
/** One line in the log for each reason to drop a datagram in this time. */
export const DROP_LOG_INTERVAL_MS = 10_000;

// ---- mDNS -------------------------------------------------------------------------------------------

/** RFC 6762 section 10 for host names. Used for every record: a node lives for minutes, not for months. */
export const MDNS_TTL_SECONDS = 120;
/** RFC 6762 section 6.7: records in an answer to a simple resolver. */
export const MDNS_LEGACY_TTL_SECONDS = 10;
/** RFC 6762 section 6: shared answers wait a random time in this span. */
export const MDNS_SHARED_DELAY_MIN_MS = 20;
export const MDNS_SHARED_DELAY_MAX_MS = 120;
/** RFC 6762 section 7.2: a query with more known answers to come. */
export const MDNS_TRUNCATED_DELAY_MIN_MS = 400;
export const MDNS_TRUNCATED_DELAY_MAX_MS = 500;
/** RFC 6762 section 6: a record is multicast at most this often; section 8.3: announced twice, so far apart. */
export const MDNS_RECORD_INTERVAL_MS = 1_000;
/** Pieces won meanwhile change the TXT record this often at most; the beacon is the way for fresh indexes. */
export const MDNS_PIECES_INTERVAL_MS = 10_000;
/** The same where there are many: one node a second on a LAN, which is told twice in each family: 2 KiB/s or less. */
export const MDNS_PIECES_INTERVAL_PER_SERVICE_MS = 1_000;
/** RFC 6762 section 5.2: queries one second apart at first, then at growing intervals. */
export const MDNS_QUERY_FIRST_REPEAT_MS = 1_000;
export const MDNS_QUERY_MAX_REPEAT_MS = 60_000;
/** An answer known for longer is asked for again, so that seeking also shows who is still alive. */
export const MDNS_KNOWN_ANSWER_MAX_AGE_MS = 10_000;
export const MAX_TXT_BYTES = 1_000;
/** RFC 6763 section 6.1: one string of a TXT record. */
export const MAX_TXT_STRING_BYTES = 255;
/** Contents announced by sub-type; the others are answered for when they are asked for. */
export const MAX_MDNS_ANNOUNCED_CONTENTS = 32;
/** Questions about services that an answer left incomplete. */
export const MDNS_RESOLVES_PER_SECOND = 20;
/** Services and instance names remembered while browsing. */
export const MAX_MDNS_SERVICES = 4_096;
/** Names that point to one service: its type, and sub-types of contents. */
export const MAX_MDNS_POINTERS_PER_SERVICE = 64;
/** Questions of one query that are looked at; a browser with many open windows asks some dozens. */
export const MAX_MDNS_QUESTIONS = 128;
/** Answers to simple resolvers (RFC 6762 section 6.7), which are larger than the question. */
export const MDNS_UNICAST_ANSWERS_PER_SOURCE_PER_SECOND = 20;
/** Queries of others whose answers are being held back. */
export const MAX_MDNS_PENDING_ANSWERS = 256;
/** Trackers that are found by mDNS and used at the same time: anybody may say that he is one. */
export const MAX_TRACKERS_FOUND = 4;
/** Of them at one host, so that one that invents trackers does not take all places. */
export const MAX_TRACKERS_FOUND_PER_HOST = 2;
/** While no tracker is known, a link is asked again after so long, then after four times as long each time. */
export const TRACKER_QUERY_FIRST_REPEAT_MS = 1_000;
/** RFC 6762 section 5.2: the interval may be capped at 60 minutes. */
export const TRACKER_QUERY_MAX_REPEAT_MS = 60 * 60_000;
/** Lifetimes that are shorter than this do not make us ask more often. */
export const TRACKER_REFRESH_MIN_MS = 30_000;

// ---- storage ----------------------------------------------------------------------------------------

/** Open file descriptors of one content; `ulimit -n` is 1024 on most systems. */
export const MAX_OPEN_FILES = 256;
/** Data is pushed to the disk at this distance, so that the last fsync is short. */
export const SYNC_DISTANCE_BYTES = 128 * 1024 * 1024;
/** The same for many small files: each costs one fsync, which is better paid during the transfer. */
export const SYNC_DISTANCE_FILES = 128;
/** Calls on different files of one content under way at once; libuv's pool has 4 threads by default. */
export const FILE_CALLS_AT_ONCE = 8;
/** Background syncs at once: they must leave threads of libuv's pool to reads and writes. */
export const BACKGROUND_SYNCS_AT_ONCE = 2;
/** Pieces of an earlier run that are read and hashed side by side; each holds a buffer of one piece. */
export const REREAD_PIECES_AT_ONCE = 3;
/** Claims in a lock file, about 80 bytes a killed fetch. */
export const MAX_LOCK_FILE_BYTES = 1024 * 1024;
/** How often the path of a served file is compared with what was hashed. */
export const SOURCE_CHECK_INTERVAL_MS = 1_000;
/** Pieces that are read and hashed at once when sharing and verifying; each has a buffer. */
export const HASH_BUFFERS_BYTES = 48 * 1024 * 1024;
/**
 * Pieces or files worked on at once. More do not help: libuv runs four file calls at a time; small files wait for
 * several calls each.
 */
export const MAX_HASH_LANES = 16;
/**
 * Below it, handing a piece to another thread keeps the main thread busy for longer than hashing it: measured
 * 17 µs to hand over, and 0.6 µs a KiB to hash.
 */
export const HASH_OFF_THREAD_FROM_BYTES = 32 * 1024;
/** Hashed on the main thread (about 10 ms) before threads are started, which costs 40 ms each. */
export const HASH_THREADS_AFTER_BYTES = 16 * 1024 * 1024;
/** More than the memory of a usual machine can feed. */
export const MAX_HASH_THREADS = 4;
/** How often hashing and verifying say how far they are. */
export const HASH_PROGRESS_INTERVAL_MS = 100;
/** Contents remembered in the hash cache. */
export const MAX_HASH_CACHE_ENTRIES = 512;
/** 24 bytes a piece for the most pieces a .torrent can describe, and some room. */
export const MAX_HASH_CACHE_ENTRY_BYTES = 16 * 1024 * 1024;
/**
 * A file that changes twice within one tick of its file system's clock bears the same time twice. Linux ticks
 * at 100 Hz or faster; FAT, at the other end, every 2 s, and then has no fractions of a second.
 */
export const TIMESTAMP_TICK_MS = 50;
export const COARSE_TIMESTAMP_TICK_MS = 2_000;

// ---- command line -----------------------------------------------------------------------------------

export const DEFAULT_FETCH_TIMEOUT_SECONDS = 10;
export const LIST_WAIT_MS = 1_000;
/** mDNS alone: a record that was multicast a moment ago is not repeated within a second (RFC 6762 section 6). */
export const LIST_WAIT_MDNS_MS = 2_500;
/** Node's timers count milliseconds in 31 bits; a longer one would fire at once. */
export const MAX_TIME_MS = 2_147_483_647;
/** Without a terminal, what takes less is told only when it is done. */
export const PLAIN_PROGRESS_AFTER_MS = 1_000;
/** Without a terminal, progress is a line at most this often. */
export const PLAIN_PROGRESS_INTERVAL_MS = 3_000;
/** On a terminal, the line is drawn at most this often; an eye does not follow more. */
export const REDRAW_INTERVAL_MS = 60;
/** A search that takes longer is worth telling. */
export const TELL_SEARCHING_AFTER_MS = 1_000;
/** Bad files that `verify` names. */
export const MAX_SHOWN_BAD_FILES = 10;
/** A complete fetch stops serving a peer that has made no progress for so long. */
export const LINGER_WITHOUT_PROGRESS_MS = 15_000;

// ---- diagnosis --------------------------------------------------------------------------------------

/** A search without any other node so far says why; two regular announcements would have come by then. */
export const DIAGNOSE_AFTER_MS = 3_000;
/** How long `doctor` listens: every node announces itself once in it, while there are few. */
export const DOCTOR_LISTEN_MS = 3_000;
/** When it asks the LAN, and again on ways that nothing has come back by. */
export const DOCTOR_ASK_AT_MS: readonly number[] = [0, 300, 1_000];
/** When it tries to reach the nodes it has heard of by then. */
export const DOCTOR_DIAL_AT_MS: readonly number[] = [1_000, 2_000];
/** Nodes that it tries to reach; a few tell as much as all. */
export const MAX_DOCTOR_DIALS = 32;
/** Nodes of one host among them, so that one that invents nodes does not use up all. */
export const MAX_DOCTOR_DIALS_PER_HOST = 4;
/** Clocks that differ by less are nobody's concern: lanshare compares no times of two machines. */
export const CLOCKS_APART_MS = 60_000;

// ---- gossip -----------------------------------------------------------------------------------------

/**
 * One partner is pinged a round. In SWIM (Das, Gupta, Motivala 2002, section 3.1) a dead member is first noticed
 * after e/(e-1) = 1.6 rounds on average, whatever the size of the group; nobody notices in t rounds with e^-t.
 */
export const GOSSIP_ROUND_MS = 500;
/** No answer within this: others are asked (SWIM section 3.1). Wi-Fi that sleeps answers in 100 to 300 ms. */
export const GOSSIP_ACK_TIMEOUT_MS = 300;
/** Members that are asked for one that does not answer (SWIM section 3.1). */
export const GOSSIP_HELPERS = 3;
/** From the first silence to being taken for gone; pinged every round meanwhile (SWIM section 4.2). */
export const GOSSIP_SUSPECT_MS = 2_500;
/** Others get as much longer to answer as we are late ourselves: once more the usual time for each of these steps. */
export const GOSSIP_LATE_STEP_MS = 60;
/** Lateness counts half after so long: a few rounds. */
export const GOSSIP_LATE_HALF_LIFE_MS = 2_000;
/** Lifeguard's S (Dadgar, Phillips, Currey 2018, table I). */
export const MAX_GOSSIP_PATIENCE = 8;
/** So that a busy node, too, misses a dead one within 10 s. */
export const MAX_GOSSIP_SUSPECT_PATIENCE = 3;
/** News of this time go out together. */
export const GOSSIP_MERGE_MS = 10;
/** The same for piece indexes: with many fetchers several go into each datagram, and four hops are still 0.2 s. */
export const GOSSIP_INDEX_MERGE_MS = 40;
/** One more receiver a piece of news than ln(n): e^-e^-1 of the trials reach all at once; digests mend the rest. */
export const GOSSIP_FANOUT_EXTRA = 1;
/** All index statements that one node hears of one content, a second; each of n holders waits for its share. */
export const GOSSIP_INDEX_BYTES_PER_SECOND = 128 * 1024;
/** Pieces won within this time are told together, however few peers there are. */
export const GOSSIP_INDEX_INTERVAL_MS = 200;
/** Members that went silent are looked for again, one a round, for so long. */
export const GOSSIP_LOST_MEMORY_MS = 10 * 60_000;
/** How long what left, and when, is remembered, so that an old statement does not bring it back. */
export const GOSSIP_TOMBSTONE_MS = 60_000;
/** A probe without an answer is repeated: with a tenth of all datagrams lost, seven are in vain once in 100,000. */
export const GOSSIP_PROBE_TRIES = 7;
/** After so long first, then after twice as long each time, up to GOSSIP_ROUND_MS: a LAN answers in milliseconds. */
export const GOSSIP_PROBE_RETRY_MIN_MS = 100;
/** Probes of nodes that others named, at once; one answers within a millisecond on a LAN. */
export const MAX_GOSSIP_PROBES = 64;
/** Of these, to one host: whoever names ports of a third party does not have it flooded. */
export const MAX_GOSSIP_PROBES_PER_HOST = 8;
/** Bytes of a Bloom filter: 1 % false positives for 200 contents (10 bits a key, two keys each). */
export const MAX_GOSSIP_FILTER_BYTES = 512;
/** Contents whose indexes one node wants; it fetches few at a time. */
export const MAX_GOSSIP_INTERESTS = 16;
/** Index statements of one peer: 16 contents of 4 GiB in pieces of 16 KiB. */
export const MAX_GOSSIP_INDEXES_PER_PEER = 1_024;
/** Index statements of all peers that are kept; about 500 bytes each. */
export const MAX_GOSSIP_INDEXES = 65_536;
/** Where half of them are in use, a peer may have so many: one for each content that it fetches. */
export const MAX_GOSSIP_INDEXES_PER_PEER_CROWDED = 16;
export const GOSSIP_DATAGRAMS_PER_SOURCE_PER_SECOND = 1_000;
/** Signatures checked for one source a second; 85 µs each. */
export const GOSSIP_SIGNATURES_PER_SOURCE_PER_SECOND = 2_000;
/** Signatures checked in all; half a core at most, whoever floods with whatever addresses. */
export const GOSSIP_SIGNATURES_PER_SECOND = 5_000;
/** Proofs for strangers, whose addresses may be forged, in all; 30 µs each. As many nodes may start together. */
export const GOSSIP_PROBES_ANSWERED_PER_SECOND = 2_000;
/**
 * Statements of one peer that are taken and passed on; what is more comes with comparing. An honest one issues five
 * summaries a second and as many indexes of each of a few contents, and all segments of a content at first.
 */
export const GOSSIP_STATEMENTS_PER_PEER_PER_SECOND = 64;
export const GOSSIP_STATEMENTS_BURST_PER_PEER = 256;
/** Who sends this many wrong signatures is not heard for GOSSIP_MUTE_MS: honest nodes check before they pass on. */
export const MAX_GOSSIP_WRONG_SIGNATURES = 8;
export const GOSSIP_MUTE_MS = 60_000;
/** A node that another discovery keeps hearing is told to the gossip this often. */
export const GOSSIP_MEETING_INTERVAL_MS = 2_000;
/** A member that is asked to dial us back has so long; its dial, too. */
export const GOSSIP_EXAMINATION_TIMEOUT_MS = 3_000;
/** Who may hold what is searched for is asked again after so long, if it has not answered: six lost questions are rare. */
export const GOSSIP_INQUIRY_REPEATS_MS: readonly number[] = [250, 500, 1_000, 2_000, 4_000];
/** Dialling back for a member that asks whether it can be reached. */
export const GOSSIP_EXAMINE_INTERVAL_MS = 2_000;
export const MAX_GOSSIP_DIALS_BACK = 16;

/** A call that comes this much later than asked for: the machine was asleep, not everybody else. */
export const GOSSIP_CLOCK_JUMP_MS = 2_000;
/** An address that did not answer is not probed again on hearsay for so long. */
export const GOSSIP_SILENT_MS = 5_000;
/** An address that the user named is probed this often as long as nobody answers. */
export const GOSSIP_NAMED_INTERVAL_MS = 1_000;
export const MAX_GOSSIP_NAMED_NODES = 256;
/** Hints that wait for their turn to be probed: one to each of as many peers as may be known. */
export const MAX_GOSSIP_QUEUED_PROBES = 10_000;
/** Addresses that are tried for a peer that others tell of. */
export const MAX_GOSSIP_HINTS_PER_PEER = 3;
/** After this a peer that was told of and did not answer is forgotten, until it is told of again. */
export const GOSSIP_WAITING_MS = 60_000;
/** Peers that one member may tell of and that have not answered yet; bounds what a liar makes us probe. */
export const MAX_GOSSIP_WAITING_PER_MEMBER = 1_024;
/** A peer on two networks has a few addresses, IPv4 and IPv6. */
export const MAX_GOSSIP_SESSIONS_PER_PEER = 4;
/** An address of a peer that was silent for so long gives way to one that it now speaks from. */
export const GOSSIP_SESSION_SILENT_MS = 1_000;
/** Shortest and longest time between two tries to reach a lost member; between them a tenth of the time it is lost. */
export const GOSSIP_LOST_RETRY_MIN_MS = 1_000;
export const GOSSIP_LOST_RETRY_MAX_MS = 60_000;
/** A content that is no longer wanted: our last word on it is still spread, and asked for, for so long. */
export const GOSSIP_INTEREST_LINGER_MS = 5_000;
/** Statements of one merge; more wait for the next, so that no receive buffer overflows. */
export const MAX_GOSSIP_NEWS_PER_MERGE = 64;
/** News that wait to be passed on: those of 4,000 nodes that start at once go out in a second. */
export const MAX_GOSSIP_NEWS_WAITING = 4_096;
/** What comparing digests makes us send to one member a round; about 40 statements. */
export const GOSSIP_SYNC_BYTES_PER_ROUND = 16 * 1024;
/** Entries and buckets that comparing makes us look at for one member a round; more than fit in what it may ask. */
export const MAX_GOSSIP_EXAMINED_PER_ROUND = 8_192;
/** The same two digests are compared so often, then again only after GOSSIP_SETTLED_MS: datagrams get lost. */
export const MAX_GOSSIP_SYNC_TRIES = 2;
export const GOSSIP_SETTLED_MS = 60_000;
/** Scopes that this is remembered of, a peer: more than are open at once. */
export const MAX_GOSSIP_SETTLED_SCOPES = 32;
/** 14 bytes each, in one datagram. */
export const MAX_GOSSIP_ENTRIES_PER_ITEM = 80;
/** Of many nodes found at once, one is compared with in this time. */
export const GOSSIP_GREETING_SYNC_MS = 100;
/** Holders of a content that tell a newcomer of it at once; the others' indexes come by comparing. */
export const MAX_GOSSIP_INDEX_GREETINGS = 64;
/** Members that are asked about a content that has just become interesting. */
export const MAX_GOSSIP_INTEREST_ASKS = 3;
/** A goodbye goes to so many more than other news: who says it cannot repeat it. */
export const GOSSIP_LEAVE_FANOUT_EXTRA = 8;
/**
 * "I get no answer" goes to so many more than other news: who misses it notices only when all others have given the
 * peer up, and then waits for GOSSIP_SUSPECT_MS himself. With ln n + 3, 95 % of the trials reach all.
 */
export const GOSSIP_ALARM_FANOUT_EXTRA = 2;
/** Trackers where other nodes may be met: the user's, those of the contents, those that were found. */
export const MAX_MEETING_POINTS = 32;
/** One where nobody gossips is greeted again after so long, then after twice as long each time, up to the longest. */
export const MEETING_POINT_RETRY_MIN_MS = 10_000;
export const MEETING_POINT_RETRY_MAX_MS = 10 * 60_000;
/** Whether the one that did answer is still there. */
export const MEETING_POINT_CHECK_MS = 30_000;
/** As long as a peer is silent, others are asked for it this often: twice within GOSSIP_SUSPECT_MS at least. */
export const GOSSIP_HELP_INTERVAL_MS = 900;
/** How long a member that was asked tries to reach another; longer, and nobody waits for the answer. */
export const GOSSIP_VOUCH_MS = 1_000;
export const MAX_GOSSIP_ASKS_PER_PEER = 16;
/** Peers that are pinged in one round because members say that they do not answer: 1,000 dead in 4 s. */
export const MAX_GOSSIP_LOOKS_PER_ROUND = 128;
/** Silent peers that are pinged in one round; all others wait for the next. */
export const MAX_GOSSIP_SUSPECTS_PER_ROUND = 16;
/** Each member is reported alive this often, for so long: one report may be late. */
export const GOSSIP_ALIVE_INTERVAL_MS = 4_000;
export const GOSSIP_ALIVE_TTL_MS = 10_000;
/** After a change of address everybody is pinged: so many at once, this far apart. */
export const GOSSIP_SWEEP_BATCH_PEERS = 64;
export const GOSSIP_SWEEP_BATCH_MS = 20;

// ---- local service discovery ------------------------------------------------------------------------

/** BEP 14. */
export const LSD_PORT = 6771;
export const LSD_GROUP_IPV4 = '239.192.152.143';
export const LSD_GROUP_IPV6 = 'ff15::efc0:988f';
/** Who has everything calls on who has just announced himself after so long, where nobody has linked meanwhile. */
export const LSD_CALL_AFTER_MS = 1_000;
/** BEP 14: one announcement a content and minute; clients use five minutes. */
export const LSD_ANNOUNCE_INTERVAL_MS = 5 * 60_000;
export const LSD_MIN_ANNOUNCE_INTERVAL_MS = 60_000;
/** BEP 14: multiple info-hashes within one datagram of at most this. */
export const MAX_LSD_DATAGRAM_BYTES = 1_400;
/** Others read so much of a datagram (libtorrent's buffer). */
export const MAX_LSD_DATAGRAM_RECEIVED_BYTES = 1_500;
/** BEP 14: up to five contents are announced one by one, which older clients need; more share datagrams. */
export const MAX_LSD_SINGLE_CONTENTS = 5;
/** Contents that one node announces; the others are found in other ways. */
export const MAX_LSD_CONTENTS = 4_096;
/** Datagrams that go out together, an interface and family; what is left follows after a pause. */
export const MAX_LSD_BURST_DATAGRAMS = 16;
export const LSD_BURST_PAUSE_MS = 1_000;
/** A client with many torrents announces them one by one. */
export const LSD_DATAGRAMS_PER_SOURCE_PER_SECOND = 50;
/** All nodes' regular announcements together, an interface and family; beyond it the interval grows ... */
export const LSD_LAN_BYTES_PER_SECOND = 1_024;
/** ... up to this, so that a flood of strangers does not silence us. */
export const LSD_MAX_ANNOUNCE_INTERVAL_MS = 4 * 60 * 60_000;
/** Who hears of a content that it holds answers at a random moment of this span ... */
export const LSD_ANSWER_SPREAD_MS = 500;
/** ... unless so many others have spoken up meanwhile. */
export const LSD_ANSWERS_ENOUGH = 3;
/** An announcement is remembered for two regular intervals and some: one may be lost. */
export const LSD_HEARD_MEMORY_MS = 11 * 60_000;
/** Addresses whose announcements are remembered, and contents of each; a search that starts later is told of them. */
export const MAX_LSD_HOSTS = 256;
export const MAX_LSD_CONTENTS_PER_HOST = 128;

// ---- magnet links -----------------------------------------------------------------------------------

/** The longest of public indexes have a few dozen trackers and 5 KB. */
export const MAX_MAGNET_CHARACTERS = 64 * 1024;
export const MAX_MAGNET_TRACKERS = 256;
export const MAX_MAGNET_WEB_SEEDS = 256;
/** As many as one peer may tell of (MAX_EXCHANGED_PEERS). */
export const MAX_MAGNET_PEERS = 200;
/** Choices of files in one list, like 0,2,4-7. */
export const MAX_FILE_RANGES = 4_096;

// ---- the BitTorrent dialect -------------------------------------------------------------------------

/** What every client asks for (BEP 3: "all current implementations use 2^14"). */
export const BLOCK_BYTES = 16 * 1024;
/** The largest block that is served; libtorrent takes requests up to 32 KiB or so, old clients 128 KiB (BEP 3). */
export const MAX_BLOCK_BYTES = 128 * 1024;
/** Block requests that a peer may leave with us: our `reqq` (BEP 10); libtorrent's default. */
export const MAX_QUEUED_BLOCKS = 2_000;
/** Where a peer does not say its `reqq` (BEP 10): libtorrent's assumption. */
export const DEFAULT_PEER_QUEUED_BLOCKS = 250;
/** Block requests that we leave with a peer, whatever it allows: 4 MiB. Transmission 3.00 loses some of more. */
export const MAX_BLOCKS_OUTSTANDING = 250;
/** Before the first block has come; one more with each block, as in TCP's slow start (libtorrent does the same). */
export const FIRST_BLOCKS_OUTSTANDING = 32;
/** BEP 9. */
export const METADATA_BLOCK_BYTES = 16 * 1024;
export const MAX_EXTENSION_HANDSHAKE_BYTES = 16 * 1024;
export const MAX_CLIENT_NAME_BYTES = 64;
/** BEP 11: "no more than 50 added and 50 dropped" a message, not more than one a minute; some send twice as many. */
export const MAX_EXCHANGED_PEERS = 200;
export const PEER_EXCHANGE_INTERVAL_MS = 60_000;
/** The first one tells a new peer of the swarm; by then it has said where it listens itself. */
export const PEER_EXCHANGE_FIRST_MS = 1_000;
/** 200 added and 200 dropped of each family are 10 KB. */
export const MAX_PEER_EXCHANGE_BYTES = 16 * 1024;
/** What stands before a block of metadata; the three keys of BEP 9 are about 50 bytes. */
export const MAX_METADATA_HEADER_BYTES = 1_024;
/** One message of an extension that is not known here. */
export const MAX_EXTENSION_MESSAGE_BYTES = 128 * 1024;
/** BEP 52: hashes in one message; libtorrent's limit, for the blocks of a piece of 128 MiB. */
export const MAX_HASHES_PER_MESSAGE = 8_192;
/** BEP 52: a request "SHOULD NOT be greater than 512". */
export const HASHES_PER_REQUEST = 512;
/** Hash requests that we leave with one peer; their answers are 260 KiB. libtorrent leaves two. */
export const MAX_HASH_REQUESTS_OUTSTANDING = 16;
/** A peer that has refused hashes is asked again after so long, and others for what one owes; as libtorrent does. */
export const HASH_RETRY_MS = 3_000;
/** How often a link may be given the piece layers of a content, all hashes counted. Once is what it needs. */
export const MAX_LAYER_COPIES_PER_LINK = 4;
/** Requests for hashes of blocks that wait on a link: each has a piece read. */
export const MAX_LEAF_REQUESTS_WAITING = 4;
/** Hashes of blocks are given for as many bytes as a link was sent, and for these. */
export const FREE_LEAF_BYTES = 16 * 1024 * 1024;
/** A piece is read for the hashes of its blocks in parts of so much. */
export const LEAF_READ_BYTES = 256 * 1024;
/** BEP 3: "keepalives are generally sent once every two minutes". */
export const KEEP_ALIVE_INTERVAL_MS = 100_000;

// ---- HTTP -------------------------------------------------------------------------------------------

/** As browsers and libtorrent bound them, and a bit less. */
export const MAX_HTTP_REDIRECTS = 5;
/** An idle connection that may be used again; common servers close theirs after 5 to 75 s. */
export const HTTP_KEEP_ALIVE_MS = 15_000;

// ---- web seeds --------------------------------------------------------------------------------------

/** Requests to one server at once; browsers use six connections a server. */
export const WEB_SEED_REQUESTS_AT_ONCE = 4;
/** Pieces that a transfer may leave with a web seed: those that are being filled, and as many to follow. */
export const MAX_WEB_SEED_PIECES = 8;
/** A range is as long as the server gave lately in so much time ... */
export const WEB_SEED_RANGE_MS = 1_000;
/** ... within these: with four at once, 32 KiB/s bring a first range before STALL_TIMEOUT_MS is over. */
export const WEB_SEED_RANGE_MIN_BYTES = 64 * 1024;
export const WEB_SEED_RANGE_MAX_BYTES = 1024 * 1024;
/** One request as a whole, with its redirects. */
export const WEB_SEED_TIMEOUT_MS = 20_000;
/** Of one content; a .torrent may name many mirrors, and a few fill any line. */
export const MAX_WEB_SEEDS_ASKED = 8;
/** A web seed whose link has ended is asked again after so long, then after twice as long each time. */
export const WEB_SEED_RETRY_MIN_MS = 5_000;
export const WEB_SEED_RETRY_MAX_MS = 300_000;

// ---- trackers, as client ----------------------------------------------------------------------------

/** All trackers of one content; a hostile .torrent would have a million strangers asked. */
export const MAX_TRACKERS = 64;
/** With a passkey, real ones have 150. */
export const MAX_TRACKER_URL_BYTES = 2_048;
/** An HTTP answer, also when inflated; libtorrent's tracker_maximum_response_length. 1,000 peers take 6 KB. */
export const MAX_TRACKER_ANSWER_BYTES = 1024 * 1024;
export const MAX_TRACKER_ANSWER_DEPTH = 8;
/** 1,000 peers as dictionaries with an id are 7,000. */
export const MAX_TRACKER_ANSWER_TOKENS = 20_000;
/** Peers that are taken out of one answer. */
export const MAX_TRACKER_PEERS = 1_000;
/** A failure reason or a warning; longer ones are cut. */
export const MAX_TRACKER_MESSAGE_BYTES = 512;
/** BEP 3 names no limit; a tracker has this sent back with each announcement. */
export const MAX_TRACKER_ID_BYTES = 256;
/** BEP 15: "up to about 74 torrents can be scraped at once". */
export const MAX_SCRAPED_CONTENTS = 74;
/** Peers asked for (`numwant`); libtorrent's num_want. Trackers give 50 or so by default. */
export const TRACKER_PEERS_WANTED = 200;
/** What a tracker says of its interval is kept within these; BEP 15's and most trackers' is half an hour. */
export const TRACKER_INTERVAL_MIN_SECONDS = 30;
export const TRACKER_INTERVAL_MAX_SECONDS = 6 * 60 * 60;
export const TRACKER_INTERVAL_DEFAULT_SECONDS = 30 * 60;
/** Announcing when the user asks for it, where the tracker names no `min interval`. */
export const TRACKER_MIN_INTERVAL_DEFAULT_SECONDS = 60;
/** A tracker that failed is asked again after so long, then after twice as long each time, up to the longest. */
export const TRACKER_RETRY_MIN_MS = 5_000;
export const TRACKER_RETRY_MAX_MS = 30 * 60_000;
/** An HTTP announcement as a whole; libtorrent's tracker_receive_timeout and the time for a slow name server. */
export const HTTP_TRACKER_TIMEOUT_MS = 30_000;
/** The same while the tier has another tracker that has not been tried. */
export const HTTP_TRACKER_SHORT_TIMEOUT_MS = 10_000;
/**
 * How long a UDP tracker's answer is waited for, each time. BEP 15 starts with 15 s and doubles; a lost datagram on a LAN is
 * noticed earlier. BEP 15's further steps, of minutes, are those of the back-off above.
 */
export const UDP_TRACKER_TIMEOUTS_MS: readonly number[] = [500, 2_000, 15_000, 30_000];
/** The same while the tier has another tracker that has not been tried. */
export const UDP_TRACKER_SHORT_TIMEOUTS_MS: readonly number[] = [500, 2_000, 5_000];
/** BEP 15: "a client can use a connection ID until one minute after it has received it". */
export const UDP_CONNECTION_ID_USE_MS = 60_000;
/** Looking up a UDP tracker's name; a resolver gives up by itself after 5 to 30 s. */
export const TRACKER_LOOK_UP_TIMEOUT_MS = 15_000;
/** UDP trackers whose connection ids are remembered. */
export const MAX_UDP_CONNECTION_IDS = 256;
/** Saying `stopped` to all trackers when a transfer ends: a LAN's or a near one's has answered within that ... */
export const TRACKER_STOP_TIMEOUT_MS = 1_500;
/** ... and to those that have not answered so far, and may never: a LAN's would have. */
export const TRACKER_STOP_UNANSWERED_TIMEOUT_MS = 500;
/** Announcements and scrapes of a node that are under way at once; each may take a socket. Others wait for their turn. */
export const MAX_TRACKER_REQUESTS_AT_ONCE = 64;
/** The same to one tracker: a dead one keeps no other waiting, and a thousand contents do not flood a good one. */
export const MAX_REQUESTS_PER_TRACKER = 4;
/** An announcement comes up to this part of the interval later, so that a room of nodes does not ask in step. */
export const TRACKER_INTERVAL_JITTER_RATIO = 0.1;
/**
 * A tracker with IPv4 and IPv6 addresses is announced to over both. When one has answered, the other gets this long: both
 * ways are about as long, and behind many a name only one of the two is listened at, in silence.
 */
export const TRACKER_OTHER_FAMILY_GRACE_MS = 300;
/** Names of trackers that are looked up at once; Node has four threads for that and for all files. */
export const MAX_TRACKER_LOOK_UPS_AT_ONCE = 2;
/** For what a thousand contents with the same tracker need at the same time; name servers say minutes and more. */
export const TRACKER_ADDRESSES_KEPT_MS = 30_000;
export const MAX_NAMES_KEPT = 256;
/** Endpoints, beside the addresses of this host, at which a node has met itself: its names behind routers. */
export const MAX_OWN_ENDPOINTS_MET = 64;

// ---- seeding ----------------------------------------------------------------------------------------

/** Who was served up to the goal may ask for the next blocks of the same piece within so long: some round trips. */
export const LAST_BLOCKS_ASKED_MS = 500;
/** Pieces that are being sent when the goal is reached; then the links end all the same. 64 MiB at 1 MiB/s. */
export const LAST_PIECES_TIMEOUT_MS = 60_000;
/** A ratio beyond this is as good as none. */
export const MAX_SEED_RATIO = 1_000_000;

// ---- the tracker server -----------------------------------------------------------------------------

/** UDP and TCP; the customary port of trackers. */
export const DEFAULT_TRACKER_PORT = 6969;
/** A peer that is not heard again within so many intervals, and a bit more, is gone; one announcement may be lost. */
export const PEER_LIFETIME_INTERVALS = 2;
export const PEER_LIFETIME_SLACK_SECONDS = 60;
/** How often a content was completed is remembered so long after its last peer has gone. */
export const COMPLETED_KEPT_SECONDS = 24 * 60 * 60;
/** 100 to 170 bytes a peer, the more the smaller the contents are: 250 to 400 MB with all of them. */
export const MAX_TRACKED_PEERS = 2_000_000;
/** Each takes about 600 bytes beside its peers. */
export const MAX_TRACKED_CONTENTS = 100_000;
/** A quarter of the places, in the time that a peer is remembered; a host with more has a tracker of its own. */
export const MAX_CONTENTS_BEGUN_PER_HOST = 25_000;
/** Hosts of whom it is counted; with more, counting begins anew. */
export const MAX_HOSTS_COUNTED = 65_536;
/** Of one content and address family; an entry of the peer index counts up to 1,048,575. */
export const MAX_PEERS_PER_CONTENT = 500_000;
/** Peers in one answer, whatever is asked for. 200 are what libtorrent asks for. */
export const MAX_PEERS_PER_ANSWER = 200;
/** To who does not say how many peers it wants (BEP 3: "typically defaults to 50"). */
export const DEFAULT_PEERS_PER_ANSWER = 50;
/** The asker's subnet is searched for among so many peers; then whoever was met has to do. */
export const MAX_PEERS_LOOKED_AT = 256;
/** The same where the asker can use few of them, or none: they are its own, or only their own machine can reach them. */
export const MAX_PEERS_TRIED = 4_096;
/** A re-announcement alone is saved when what is saved is older than this part of the interval. */
export const SAVE_AGAIN_INTERVAL_RATIO = 1 / 3;
/** Peers that said goodbye and are to be saved as gone; others expire in the store. */
export const MAX_UNSAVED_GOODBYES = 50_000;
/** Changed peers that are handed to a store in one go: collecting them takes the main thread a millisecond or two. */
export const MAX_SAVED_ROWS_PER_BATCH = 4_096;
/** Peers that a store gives in one go while it is loaded, for the same reason. */
export const MAX_LOADED_ROWS_PER_BATCH = 4_096;
/** How long changes are collected for a file: what a kill loses at most, beside the batch under way. */
export const LOCAL_SAVE_INTERVAL_MS = 1_000;
/** The same for Redis: how long a peer waits that other trackers are to hand out at once. */
export const REDIS_SAVE_INTERVAL_MS = 10;
/** A store that failed is tried again after so long, then after twice as long each time, up to the longest. */
export const STORE_RETRY_MIN_MS = 250;
export const STORE_RETRY_MAX_MS = 5_000;
/** A store rests so many times as long as its last batch took: saving never takes more than a seventh of a core. */
export const STORE_REST_RATIO = 6;
/** Of setpriority(2): a third of the processor time of a thread at 0 that wants the same core. */
export const STORE_THREAD_NICENESS = 5;
/** What is unsaved when the tracker ends is saved within so long, or not at all. */
export const STORE_FLUSH_TIMEOUT_MS = 2_000;
/** Peers that have expired are removed from a store on this machine so often. */
export const STORE_PURGE_INTERVAL_SECONDS = 600;
/** A page has about 40 peers; the pages of 400,000 peers. */
export const SQLITE_CACHE_BYTES = 32 * 1024 * 1024;
/** Connecting to Redis as a whole, and the longest it may take over an answer. */
export const REDIS_CONNECT_TIMEOUT_MS = 5_000;
export const REDIS_SILENCE_MS = 6_000;
export const REDIS_PING_INTERVAL_MS = 2_000;
/** Commands that wait on the connection: one save, and a load's. */
export const MAX_REDIS_COMMANDS_WAITING = 256;
/** Redis keeps what was seen within the same so many seconds together, so that it expires as a whole. */
export const REDIS_GENERATION_SECONDS = 3_600;
/** Keys that one SCAN goes through, and fields that one HSCAN gives: below a millisecond each. */
export const REDIS_SCAN_COUNT = 1_000;
/** Contents that are read from Redis at the same time: their rows fit in memory, and round trips do not add up. */
export const REDIS_READS_AT_ONCE = 16;
/** Contents' keys that a load takes; with three generations each, MAX_TRACKED_CONTENTS and some. */
export const MAX_REDIS_KEYS = 400_000;
/** Peers that are looked at for expiry in one go: 2 ms if all of them have expired ... */
export const SWEEP_PEERS = 10_000;
/** ... and how often: with MAX_TRACKED_PEERS each is looked at once a minute. */
export const SWEEP_INTERVAL_MS = 250;
/** HTTP clients are told that they may ask again after so long (BEP 3, `min interval`). */
export const TRACKER_SERVER_MIN_INTERVAL_SECONDS = 30;
/** Contents in the answer to a scrape that names none. */
export const MAX_SCRAPED_WITHOUT_NAME = 1_000;
/** BEP 15: a connection id may be used for one minute, and should be good for two: those of two slots are. */
export const CONNECTION_ID_SLOT_SECONDS = 120;
/** A UDP answer fits the IPv6 minimum MTU (1280) with headers: 202 IPv4 peers, or 67 IPv6 ones. */
export const MAX_UDP_ANSWER_BYTES = 1_232;
/** Asked of the system, which may give less (net.core.rmem_max): a tenth of a second of announcements. */
export const TRACKER_RECEIVE_BUFFER_BYTES = 8 * 1024 * 1024;
/** Answers that wait for room in the system's send buffer; beyond it they are dropped, and clients ask again. */
export const MAX_ANSWERS_WAITING = 256;
/** How often lanshare nodes are asked for names of contents that the tracker has no .torrent of ... */
export const NAMES_ASKED_INTERVAL_MS = 1_000;
/** ... of how many contents each time, and how many nodes: 48 datagrams of 100 bytes at most. */
export const MAX_NAMES_ASKED_PER_ROUND = 16;
export const MAX_NODES_ASKED_FOR_NAME = 3;
/** Names that nodes told; with the longest ones 4 MB. */
export const MAX_TOLD_NAMES = 10_000;
/** Then such a name is asked for again, and stays until somebody answers. */
export const TOLD_NAME_AGE_MS = 10 * 60_000;
/** Matches that `lanshare tracker` writes a second where it cannot redraw a screen; of the others it writes the number. */
export const MATCHES_SHOWN_PER_SECOND = 3;
/** How often the tracker's screen is drawn; with MAX_TRACKED_CONTENTS that takes some milliseconds. */
export const TRACKER_SCREEN_INTERVAL_MS = 500;
/** How often `tracker --json` tells the figures. */
export const TRACKER_FIGURES_INTERVAL_MS = 10_000;
/** Matches that are told to a listener, a second: what a person can read, and a program that wants more has /stats. */
export const MATCHES_TOLD_PER_SECOND = 100;

// ---- the tracker server over HTTP -------------------------------------------------------------------

/** The first line of a request, which has the URL. An announcement takes 300 bytes; Apache's and nginx's are 8 KiB. */
export const MAX_HTTP_REQUEST_LINE_BYTES = 4 * 1024;
/** A request as a whole, for it has no body; Apache's and nginx's limit for one line. */
export const MAX_HTTP_HEAD_BYTES = 8 * 1024;
/** From connecting, or from its first byte, to the end of a request. A slow client on a LAN takes milliseconds. */
export const HTTP_HEAD_TIMEOUT_MS = 5_000;
/** A connection that might ask again. */
export const HTTP_IDLE_TIMEOUT_MS = 30_000;
/** An answer that the client does not take: so long, and longer for one that is large. */
export const HTTP_SEND_TIMEOUT_MS = 10_000;
export const HTTP_SLOWEST_BYTES_PER_SECOND = 16 * 1024;
/** Timeouts are looked at so often. */
export const HTTP_TIMEOUT_CHECK_MS = 1_000;
/** Each may make us hold 64 KiB of requests and as much of answers; all together 256 MiB, if they are that evil. */
export const MAX_HTTP_CONNECTIONS = 2_048;
/** Of the files that the system allows, those for all else: 30 at rest, and a store's and a whitelist's. */
export const SPARE_OPEN_FILES = 64;
/** One host with hundreds of contents has a few dozen. */
export const MAX_HTTP_CONNECTIONS_PER_ADDRESS = 256;
/** Answers on one connection that were not taken; beyond it, requests behind them wait. */
export const MAX_HTTP_UNSENT_BYTES = 64 * 1024;
/** A page is made once in so long, however often it is asked for. */
export const HTTP_PAGE_AGE_MS = 1_000;
/** Contents on a page, those with the most peers. */
export const MAX_CONTENTS_ON_PAGE = 200;
/** .torrent files in a whitelist folder; each is looked at on every reading. */
export const MAX_WHITELISTED_TORRENTS = 10_000;
/** Warnings after one reading of a whitelist folder; of further bad files only the number is told. */
export const MAX_WHITELIST_WARNINGS = 10;
/** How often a whitelist folder is read where the system does not say that it changed. */
export const WHITELIST_REREAD_MS = 10_000;
/** From the first change to the reading: a file that is copied changes many times. */
export const WHITELIST_SETTLE_MS = 100;
/** Addresses of this machine that a tracker's URLs are told for; IPv6 with privacy extensions has one a day. */
export const MAX_TRACKER_URL_ADDRESSES = 8;

// ---- the classroom's configuration and logs -----------------------------------------------------------

/** Each of them links with each other one, so no more than a node has links (MAX_LINKS_TOTAL). */
export const MAX_LISTED_PEERS = 200;
/** A line of PeerInfo.cfg takes 30 bytes; the rest is room for comments. */
export const MAX_CONFIG_BYTES = 1024 * 1024;
/** Lines that are told one by one where a configuration file has lines that nobody knows. */
export const MAX_CONFIG_NOTES = 10;
/** A day: longer than any run of an assignment, and much shorter than a timer can wait. */
export const MAX_CHOKING_INTERVAL_SECONDS = 86_400;
/** The longest sentence lists all peers, ten digits each. */
export const MAX_LOG_LINE_CHARACTERS = 8_192;

// ---- the probe of a classroom peer ------------------------------------------------------------------

/** Somebody starts the program in another window; peers retry their dials for as long. */
export const PROBE_DIAL_MS = 5_000;
export const PROBE_DIAL_RETRY_MS = 250;
export const PROBE_HANDSHAKE_MS = 5_000;
/** Many programs say nothing after the handshake until the other side does: then it speaks. */
export const PROBE_FIRST_MESSAGE_MS = 1_000;
/** What follows from a message at once. Slow programs look at their connections once a second. */
export const PROBE_REACTION_MS = 3_000;
/** From a request to the whole piece. */
export const PROBE_ANSWER_MS = 5_000;
/** A request that came right after the unchoke is lost in many programs: it is asked again after so long. */
export const PROBE_ASK_AGAIN_MS = 2_000;
/** What must not come is waited for so long. */
export const PROBE_SILENCE_MS = 1_500;
/** A request is left unanswered twice so long, to see whether another follows: less than programs' time-outs, 2 s. */
export const PROBE_HOLD_MS = 700;
/** What was on the way when the probe choked. */
export const PROBE_IN_FLIGHT_MS = 500;
/** Beyond the longer one of the two choking intervals. */
export const PROBE_UNCHOKE_TOLERANCE_MS = 2_000;
/** Intervals beyond this are not waited for. */
export const PROBE_MAX_UNCHOKE_WAIT_MS = 60_000;
/** Between two bytes that are sent one by one: each travels in a packet of its own. */
export const PROBE_BYTE_GAP_MS = 10;
/** The program notices that a connection is over before the next one comes. */
export const PROBE_BETWEEN_MS = 300;
/** No scenario begins later; with p=5 and m=10 all take 45 s. */
export const PROBE_TOTAL_MS = 120_000;
/** Messages of one connection; a program that says more is not read on. */
export const PROBE_MAX_MESSAGES = 10_000;
/** Bytes of one connection; a dozen of the largest pieces. */
export const PROBE_MAX_RECEIVED_BYTES = 1024 * 1024 * 1024;
/** Of a message that is none of the assignment's; it is skipped. A longer one means that the stream is garbled. */
export const PROBE_MAX_STRANGE_FRAME_BYTES = 64 * 1024;
/** Without Common.cfg: pieces that a bitfield is read for. */
export const PROBE_MAX_GUESSED_PIECES = 65_536;
/** Pieces that the program may fetch from the probe. */
export const PROBE_GIVEN_PIECES = 4;
/** Breaches that are told of one rule. */
export const PROBE_MAX_BREACHES = 5;
/** The courses' sample, where Common.cfg is not at hand. */
export const PROBE_DEFAULT_INTERVAL_SECONDS = 10;

// ---- running the peers of a classroom project -------------------------------------------------------

/** `lanshare peer --wait`: a student who looks why the program ended, and starts it again. */
export const DEFAULT_PEERS_WAIT_MS = 60_000;
/** From asking the processes of `peer --all` to end to killing them; an end in good order takes a tenth of a second. */
export const PEER_END_GRACE_MS = 5_000;
/** Names of PeerInfo.cfg that stand for nothing in so long are those of other machines; resolvers take 5 to 30 s. */
export const PEER_HOST_LOOK_UP_TIMEOUT_MS = 3_000;

// ---- checking the logs of a classroom run -----------------------------------------------------------

/** Breaches, and tolerated things, that are told of one rule; the rest is counted. */
export const MAX_LISTED_BREACHES = 20;
/** A log of one million pieces among ten peers has ten million lines of 90 bytes; beyond it, it is no log of a course. */
export const MAX_CHECKED_LOG_BYTES = 1024 * 1024 * 1024;
/** Read in one go. */
export const CHECK_READ_BYTES = 256 * 1024;
/** A program with several threads writes lines in another order than it took their times, or decided. */
export const CHECK_TIME_STEP_BACK_MS = 1_000;
export const CHECK_RACE_MS = 1_000;
/** The same where a log has no times. */
export const CHECK_RACE_LINES = 5;
/** Times may be whole seconds, and a busy machine is half a second late. */
export const CHECK_INTERVAL_TOLERANCE_MS = 1_500;
/** Times of two logs are compared where both ends of a connection are logged within so much; and give or take as much. */
export const CHECK_CLOCK_DIFFERENCE_MS = 2_000;
/** An unchoke waits behind the piece that is being sent: 1 MiB at 70 KiB/s. */
export const CHECK_UNCHOKE_DELAY_MS = 15_000;
/** From a piece's arrival to its line in the log, behind other pieces that are written, on a busy machine. */
export const CHECK_PIECE_DELAY_MS = 2_000;
/** A have reaches within so long whoever is still there. */
export const CHECK_LAST_HAVES_MS = 10_000;
