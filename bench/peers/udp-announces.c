/*
 * Announces to a UDP tracker (BEP 15) over IPv4 and says in one line of JSON how that went.
 *
 *   udp-announces HOST PORT CONTENTS PEERS each WINDOW           every peer once, one after the other
 *   udp-announces HOST PORT CONTENTS PEERS window WINDOW SECONDS peers at random; WINDOW announcements are unanswered
 *   udp-announces HOST PORT CONTENTS PEERS rate RATE SECONDS     peers at random; RATE announcements a second
 *
 * There are CONTENTS contents with PEERS peers each; a peer is a port, of which every other one is a seeder. With a rate,
 * announcements leave when their time has come, whether or not the earlier ones were answered, and latency counts from
 * the time that was due: a tracker that pauses is charged for all who waited. It asks for 30 peers each time.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum {
  ANNOUNCE_BYTES = 98,
  ANSWER_BYTES = 2048,
  BATCH = 64,
  SOCKET_BUFFER_BYTES = 8 << 20,
  PEERS_WANTED = 30,
  FIRST_PORT = 1024,
  /* Announcements whose times are remembered, by transaction id; a power of two. */
  REMEMBERED = 1 << 20,
  MAX_LATENCIES = 1 << 23,
};
/* An info-hash is five times the number of its content, scattered; whitelists have the same. */
static const uint32_t HASH_FACTOR = 0x9e3779b1;
/* What is unanswered when nothing has come for so long is lost. */
static const double LOST_SECONDS = 0.25;
static const uint8_t PROTOCOL_ID[8] = {0, 0, 4, 0x17, 0x27, 0x10, 0x19, 0x80};

enum mode { EACH, WINDOW, RATE };

struct load {
  enum mode mode;
  uint32_t contents, peers;
  uint64_t window;
  double rate, seconds;
};

struct counts {
  uint64_t sent, answered, errors, lost, bytes;
};

static int sock;
/* Other peers each time. */
static uint64_t seed;
static struct counts counts;
static double due[REMEMBERED];
static float *latencies;
static uint64_t latency_count;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static void fail(const char *why) {
  fprintf(stderr, "%s\n", why);
  exit(1);
}

static void put32(uint8_t *at, uint32_t value) {
  value = htonl(value);
  memcpy(at, &value, 4);
}

static uint32_t get32(const uint8_t *at) {
  uint32_t value;
  memcpy(&value, at, 4);
  return ntohl(value);
}

/* Numbers that scatter (splitmix64). */
static uint64_t scatter(uint64_t value) {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
  return value ^ (value >> 31);
}

static void open_socket(const char *host, int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  const int size = SOCKET_BUFFER_BYTES;
  sock = socket(AF_INET, SOCK_DGRAM, 0);
  setsockopt(sock, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  setsockopt(sock, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
  if (inet_pton(AF_INET, host, &address.sin_addr) != 1) fail("HOST is not an IPv4 address");
  if (connect(sock, (struct sockaddr *)&address, sizeof address) != 0) fail("no route to HOST");
}

static void get_connection_id(uint8_t *id) {
  uint8_t request[16] = {0}, answer[ANSWER_BYTES];
  struct pollfd answered = {.fd = sock, .events = POLLIN};
  memcpy(request, PROTOCOL_ID, sizeof PROTOCOL_ID);
  send(sock, request, sizeof request, 0);
  if (poll(&answered, 1, 2000) != 1 || recv(sock, answer, sizeof answer, 0) < 16) fail("no connection id");
  memcpy(id, answer + 8, 8);
}

/* The peer with that number of all; its id and whether it seeds are always the same. */
static void write_announcement(uint8_t *out, const struct load *load, uint64_t peer, uint32_t transaction) {
  const uint32_t content = peer % load->contents;
  const uint32_t port = FIRST_PORT + peer / load->contents;
  const uint64_t name = scatter(peer + 1);
  put32(out + 12, transaction);
  for (int word = 0; word < 5; word++) put32(out + 16 + word * 4, (content + 1) * HASH_FACTOR);
  memcpy(out + 36, "-LD0001-", 8);
  memcpy(out + 44, &name, 8);
  put32(out + 52, port);
  put32(out + 68, port % 2 == 0 ? 0 : 1000);
  put32(out + 88, (uint32_t)name);
  put32(out + 92, PEERS_WANTED);
  out[96] = port >> 8;
  out[97] = port;
}

/* How many may leave now, and since when the first of them is due. */
static uint64_t allowed(const struct load *load, double start, double time) {
  const uint64_t unanswered = counts.sent - counts.answered - counts.errors - counts.lost;
  const uint64_t all = (uint64_t)load->contents * load->peers;
  if (load->mode == RATE) {
    const uint64_t by_now = (time - start) * load->rate;
    return by_now > counts.sent ? by_now - counts.sent : 0;
  }
  const uint64_t room = load->window > unanswered ? load->window - unanswered : 0;
  if (load->mode == EACH && all - counts.sent < room) return all - counts.sent;
  return room;
}

static uint64_t next_peer(const struct load *load) {
  if (load->mode == EACH) return counts.sent;
  return scatter(0x9e3779b97f4a7c15u * (counts.sent + 1) + seed) % ((uint64_t)load->contents * load->peers);
}

static void send_some(const struct load *load, const uint8_t *connection_id, uint64_t most, double start) {
  static uint8_t out[BATCH][ANNOUNCE_BYTES];
  struct mmsghdr messages[BATCH] = {0};
  struct iovec pieces[BATCH];
  const uint64_t first = counts.sent;
  const int count = most < BATCH ? most : BATCH;
  const double time = now();
  for (int at = 0; at < count; at++, counts.sent++) {
    memcpy(out[at], connection_id, 8);
    put32(out[at] + 8, 1);
    write_announcement(out[at], load, next_peer(load), counts.sent);
    due[counts.sent % REMEMBERED] = load->mode == RATE ? start + counts.sent / load->rate : time;
    pieces[at] = (struct iovec){out[at], ANNOUNCE_BYTES};
    messages[at].msg_hdr.msg_iov = &pieces[at];
    messages[at].msg_hdr.msg_iovlen = 1;
  }
  const int done = sendmmsg(sock, messages, count, 0);
  counts.sent = first + (done > 0 ? done : 0);
}

static int receive_some(void) {
  static uint8_t in[BATCH][ANSWER_BYTES];
  struct mmsghdr messages[BATCH] = {0};
  struct iovec pieces[BATCH];
  for (int at = 0; at < BATCH; at++) {
    pieces[at] = (struct iovec){in[at], ANSWER_BYTES};
    messages[at].msg_hdr.msg_iov = &pieces[at];
    messages[at].msg_hdr.msg_iovlen = 1;
  }
  const int count = recvmmsg(sock, messages, BATCH, MSG_DONTWAIT, NULL);
  const double time = now();
  for (int at = 0; at < count; at++) {
    if (get32(in[at]) != 1) {
      counts.errors++;
      continue;
    }
    counts.answered++;
    counts.bytes += messages[at].msg_len;
    if (latency_count < MAX_LATENCIES)
      latencies[latency_count++] = (time - due[get32(in[at] + 4) % REMEMBERED]) * 1000;
  }
  return count;
}

static int is_done(const struct load *load, double start, double time) {
  if (load->mode == EACH) return counts.sent == (uint64_t)load->contents * load->peers;
  return time - start >= load->seconds;
}

static double run(const struct load *load, const uint8_t *connection_id) {
  const double start = now();
  double heard = start, time = start;
  for (; !is_done(load, start, time); time = now()) {
    const uint64_t most = allowed(load, start, time);
    if (most > 0) send_some(load, connection_id, most, start);
    if (receive_some() > 0) heard = time;
    else if (load->mode != RATE && most == 0) {
      struct pollfd answered = {.fd = sock, .events = POLLIN};
      poll(&answered, 1, 1);
      if (time - heard < LOST_SECONDS) continue;
      counts.lost = counts.sent - counts.answered - counts.errors;
      heard = time;
    }
  }
  const double end = now(), seconds = end - start;
  while (counts.sent > counts.answered + counts.errors + counts.lost && now() - end < LOST_SECONDS) receive_some();
  counts.lost = counts.sent - counts.answered - counts.errors;
  return seconds;
}

static int by_size(const void *one, const void *other) {
  const float difference = *(const float *)one - *(const float *)other;
  return (difference > 0) - (difference < 0);
}

static double percentile(double part) {
  return latency_count == 0 ? 0 : latencies[(uint64_t)(part * (latency_count - 1))];
}

static void report(double seconds) {
  qsort(latencies, latency_count, sizeof *latencies, by_size);
  printf("{\"seconds\":%.3f,\"sent\":%lu,\"answered\":%lu,\"errors\":%lu,\"lost\":%lu,\"answerBytes\":%.0f,", seconds,
         counts.sent, counts.answered, counts.errors, counts.lost,
         counts.answered == 0 ? 0 : (double)counts.bytes / counts.answered);
  printf("\"latencyMs\":{\"p50\":%.3f,\"p99\":%.3f,\"p999\":%.3f,\"max\":%.3f}}\n", percentile(0.5), percentile(0.99),
         percentile(0.999), percentile(1));
}

static struct load read_load(int words, char **word) {
  if (words < 7) fail("HOST PORT CONTENTS PEERS each|window|rate NUMBER [SECONDS]");
  struct load load = {.contents = atoi(word[3]), .peers = atoi(word[4])};
  const int is_each = strcmp(word[5], "each") == 0;
  load.mode = is_each ? EACH : strcmp(word[5], "rate") == 0 ? RATE : WINDOW;
  if (load.mode == RATE) load.rate = atof(word[6]);
  else load.window = atoi(word[6]);
  if (!is_each && words < 8) fail("SECONDS is missing");
  if (!is_each) load.seconds = atof(word[7]);
  if (load.contents == 0 || load.peers == 0 || load.peers > 65536 - FIRST_PORT) fail("CONTENTS or PEERS is wrong");
  return load;
}

int main(int words, char **word) {
  const struct load load = read_load(words, word);
  uint8_t connection_id[8];
  latencies = malloc(sizeof *latencies * MAX_LATENCIES);
  seed = now() * 1e9;
  open_socket(word[1], atoi(word[2]));
  get_connection_id(connection_id);
  report(run(&load, connection_id));
  return 0;
}
