/*
 * The same in C with librabbitmq, which is the limit of one connection: consuming with one acknowledgement a message, or
 * with one for every 50; serving calls; publishing with confirms.
 *
 * limit consume|serve|publish HOST PORT QUEUE MARKS PREFETCH WARMUP COUNT ACK_EVERY SIZE OUTSTANDING WARM_MS MS
 */
#include <amqp.h>
#include <amqp_tcp_socket.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static const char *marks;
static amqp_connection_state_t connection;

static void fail(const char *what) {
  fprintf(stderr, "limit: %s\n", what);
  exit(1);
}

static void check(const char *what) {
  if (amqp_get_rpc_reply(connection).reply_type != AMQP_RESPONSE_NORMAL) fail(what);
}

static double milliseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

static void mark(const char *name, uint64_t count) {
  FILE *file = fopen(marks, "a");
  if (file == NULL) fail("the file of the marks cannot be opened");
  fprintf(file, "{\"mark\":\"%s\",\"at\":%.3f,\"count\":%llu}\n", name, milliseconds(), (unsigned long long)count);
  fclose(file);
}

static void start_consuming(amqp_bytes_t queue, int prefetch) {
  amqp_basic_qos(connection, 1, 0, prefetch, 0);
  check("basic.qos");
  amqp_basic_consume(connection, 1, queue, amqp_empty_bytes, 0, 0, 0, amqp_empty_table);
  check("basic.consume");
}

static void next_message(amqp_envelope_t *envelope) {
  amqp_maybe_release_buffers(connection);
  if (amqp_consume_message(connection, envelope, NULL, 0).reply_type != AMQP_RESPONSE_NORMAL) {
    fail("no message came");
  }
}

static void consume(amqp_bytes_t queue, int prefetch, uint64_t warmup, uint64_t count, uint64_t ack_every) {
  start_consuming(queue, prefetch);
  for (uint64_t handled = 1;; handled++) {
    amqp_envelope_t envelope;
    next_message(&envelope);
    if (handled % ack_every == 0 || handled == count) {
      amqp_basic_ack(connection, 1, envelope.delivery_tag, ack_every > 1);
    }
    amqp_destroy_envelope(&envelope);
    if (handled == warmup) mark("warm", handled);
    if (handled == count) mark("done", handled);
  }
}

static void serve(amqp_bytes_t queue, int prefetch) {
  amqp_queue_declare(connection, 1, queue, 0, 0, 0, 0, amqp_empty_table);
  check("queue.declare");
  start_consuming(queue, prefetch);
  for (;;) {
    amqp_envelope_t envelope;
    next_message(&envelope);
    amqp_basic_properties_t *request = &envelope.message.properties, reply;
    reply._flags = AMQP_BASIC_CORRELATION_ID_FLAG | AMQP_BASIC_CONTENT_TYPE_FLAG;
    reply.correlation_id = request->correlation_id;
    reply.content_type = amqp_cstring_bytes("application/json");
    amqp_basic_publish(connection, 1, amqp_empty_bytes, request->reply_to, 0, 0, &reply, envelope.message.body);
    amqp_basic_ack(connection, 1, envelope.delivery_tag, 0);
    amqp_destroy_envelope(&envelope);
  }
}

static void publish(amqp_bytes_t queue, size_t size, uint64_t outstanding, double warm_ms, double ms) {
  amqp_confirm_select(connection, 1);
  check("confirm.select");
  amqp_bytes_t body = {size, malloc(size)};
  memset(body.bytes, 'x', size);
  amqp_basic_properties_t properties;
  properties._flags = AMQP_BASIC_DELIVERY_MODE_FLAG;
  properties.delivery_mode = 2;
  double start = milliseconds();
  int is_warm = 0;
  /* Confirms come in any order; which of the last messages have one. */
  static char has_confirm[65536];
  for (uint64_t sent = 0, confirmed = 0, first = 1;;) {
    for (; sent - confirmed < outstanding; sent++) {
      amqp_basic_publish(connection, 1, amqp_empty_bytes, queue, 0, 0, &properties, body);
    }
    amqp_frame_t frame;
    amqp_maybe_release_buffers(connection);
    if (amqp_simple_wait_frame(connection, &frame) != AMQP_STATUS_OK) fail("no confirm came");
    if (frame.frame_type != AMQP_FRAME_METHOD || frame.payload.method.id != AMQP_BASIC_ACK_METHOD) continue;
    amqp_basic_ack_t *ack = frame.payload.method.decoded;
    for (uint64_t tag = ack->multiple ? first : ack->delivery_tag; tag <= ack->delivery_tag; tag++) {
      if (!has_confirm[tag % sizeof has_confirm]) confirmed++;
      has_confirm[tag % sizeof has_confirm] = 1;
    }
    for (; has_confirm[first % sizeof has_confirm]; first++) has_confirm[first % sizeof has_confirm] = 0;
    double passed = milliseconds() - start;
    if (!is_warm && passed >= warm_ms) {
      is_warm = 1;
      mark("warm", confirmed);
    }
    if (passed >= warm_ms + ms) {
      mark("done", confirmed);
      /* It waits to be ended: the time that it used is read after this. */
      pause();
    }
  }
}

int main(int argc, char **argv) {
  if (argc != 14) fail("13 arguments were expected");
  marks = argv[5];
  connection = amqp_new_connection();
  amqp_socket_t *socket = amqp_tcp_socket_new(connection);
  if (amqp_socket_open(socket, argv[2], atoi(argv[3])) != AMQP_STATUS_OK) fail("the broker cannot be reached");
  int on = 1;
  setsockopt(amqp_get_sockfd(connection), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  amqp_login(connection, "/", 0, 131072, 0, AMQP_SASL_METHOD_PLAIN, "guest", "guest");
  amqp_channel_open(connection, 1);
  check("channel.open");
  amqp_bytes_t queue = amqp_cstring_bytes(argv[4]);
  int prefetch = atoi(argv[6]);
  if (strcmp(argv[1], "consume") == 0) consume(queue, prefetch, atoll(argv[7]), atoll(argv[8]), atoll(argv[9]));
  if (strcmp(argv[1], "serve") == 0) serve(queue, prefetch);
  if (strcmp(argv[1], "publish") == 0) publish(queue, atoi(argv[10]), atoll(argv[11]), atof(argv[12]), atof(argv[13]));
  return 0;
}
