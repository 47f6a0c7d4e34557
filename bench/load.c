/* A crowd of Socket.IO clients in one thread: connects, speaks and listens, and says how long everything took.
 *
 * Orders come as lines on standard input, one at a time; each is answered with a line of JSON:
 *
 *   connect FILE AT_ONCE         open a socket per line of FILE, so many handshakes at a time
 *   closed SECONDS WARM FAN      one message in flight per socket: the acknowledgement sends the next
 *   open RATE SECONDS WARM FAN   RATE messages a second over all sockets, by the clock whatever the server does
 *   listen EXPECTED SECONDS      count deliveries until so many have come
 *   hangup                       close every socket
 *
 * A line of FILE has, between tabs: port, path, namespace ("" for the default one), auth as JSON, an event to send
 * first as JSON ("" for none), and what stands before and after the unique key in the event that is a message.
 * closed and open print {"phase": "measuring"} and {"phase": "measured"} around the part that counts, so that others
 * can read their clocks. FAN is how many deliveries an acknowledged message must cause; what is late is waited for.
 * The latency of open counts from the moment a message was due, not from when it could be sent.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { DEAD, DIALLING, UPGRADING, OPENING, JOINING, GREETING, READY };
enum { QUIET, CLOSED, OPEN };
enum { FIELDS = 7, PORT = 0, PATH, NAMESPACE, AUTH, HELLO, BEFORE, AFTER };
enum { IN_FLIGHT = 1 << 20, EVENTS = 256, READ = 1 << 18, LONGEST = 1 << 17, SETTLE_US = 10000000 };

typedef struct {
    int fd, state;
    char *field[FIELDS];
    char *left; /* the beginning of a frame whose end has not come yet */
    size_t left_size;
} Socket;

static Socket *sockets;
static int *ready; /* indices of those that may speak */
static int count, ready_count, next_to_dial, dialling, at_once;
static int poller, timer;
static uint64_t due_at_id[IN_FLIGHT]; /* µs of the monotonic clock */
static uint64_t epoch; /* makes the keys of this process unlike all others' */
static char *buffer;

static struct {
    int mode;
    uint64_t from, to; /* the part that counts, µs */
    uint64_t sent, answered, refused, deliveries, counted, lost;
    int failed;
    char why[200];
    uint32_t *took;
    size_t room;
} run;
static uint64_t last_id; /* 0 is the greeting's */

static uint64_t read_clock(clockid_t which) {
    struct timespec t;
    clock_gettime(which, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}
static uint64_t now(void) { return read_clock(CLOCK_MONOTONIC); }

static void give_up(const char *what) {
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void note(const char *text, size_t size) { /* the first complaint, fit to stand in JSON */
    if (run.why[0]) return;
    if (size >= sizeof run.why) size = sizeof run.why - 1;
    for (size_t i = 0; i < size; i++) run.why[i] = text[i] < ' ' || text[i] == '"' || text[i] == '\\' ? '\'' : text[i];
    run.why[size] = 0;
}

static void bury(Socket *s, const char *why, size_t size) {
    if (s->state == DEAD) return;
    note(why, size);
    if (s->state == READY) run.lost++;
    else run.failed++, dialling--;
    s->state = DEAD;
    close(s->fd);
}

/* Clients must mask; a mask of zeros is one, and leaves the text as it is. */
static void write_frame(Socket *s, int opcode, const char *text, size_t size) {
    char frame[LONGEST];
    size_t head = 2;
    if (size + 8 > sizeof frame) return;
    frame[0] = (char)(0x80 | opcode);
    if (size < 126) frame[1] = (char)(0x80 | size);
    else {
        frame[1] = (char)(0x80 | 126), frame[2] = (char)(size >> 8), frame[3] = (char)size;
        head = 4;
    }
    memset(frame + head, 0, 4);
    memcpy(frame + head + 4, text, size);
    size += head + 4;
    if (send(s->fd, frame, size, MSG_NOSIGNAL) != (ssize_t)size) bury(s, "the server does not read", 24);
}

static void write_event(Socket *s, uint64_t id, const char *before, const char *key, const char *after) {
    char text[LONGEST - 16];
    const char *ns = s->field[NAMESPACE];
    int size = snprintf(text, sizeof text, "42%s%s%llu%s%s%s", ns, *ns ? "," : "", (unsigned long long)id, before, key, after);
    write_frame(s, 1, text, (size_t)size);
}

static void say(Socket *s, uint64_t due) {
    char key[48];
    uint64_t id = ++last_id;
    snprintf(key, sizeof key, "load-%d-%llx-%llu", getpid(), (unsigned long long)epoch, (unsigned long long)id);
    due_at_id[id % IN_FLIGHT] = due;
    run.sent++;
    write_event(s, id, s->field[BEFORE], key, s->field[AFTER]);
}

static void get_ready(Socket *s) {
    s->state = READY;
    dialling--;
    ready[ready_count++] = (int)(s - sockets);
}

static void acknowledged(Socket *s, const char *text, size_t size) {
    const char *at = text + 2, *end = text + size;
    if (at < end && *at == '/') at = memchr(at, ',', (size_t)(end - at)) ?: end;
    uint64_t id = strtoull(*at == ',' ? at + 1 : at, NULL, 10);
    bool ok = memmem(text, size, "\"ok\":true", 9) != NULL;
    if (id == 0) {
        if (s->state == GREETING && ok) get_ready(s);
        else bury(s, text, size);
        return;
    }
    uint64_t at_us = now(), due = due_at_id[id % IN_FLIGHT];
    uint64_t belongs = run.mode == OPEN ? due : at_us;
    run.answered++;
    if (!ok) run.refused++, note(text, size);
    else if (belongs >= run.from && belongs < run.to) {
        if (run.counted == run.room) {
            run.room = run.room ? 2 * run.room : 1 << 16;
            if (!(run.took = realloc(run.took, run.room * sizeof *run.took))) give_up("memory");
        }
        run.took[run.counted++] = (uint32_t)(at_us - due);
    }
    if (run.mode == CLOSED && at_us < run.to) say(s, at_us);
}

static void packet(Socket *s, char *text, size_t size) {
    char kind = text[0], sort = size > 1 ? text[1] : 0;
    text[size] = 0; /* the byte after a frame is read already or is ours */
    if (kind == '2') write_frame(s, 1, "3", 1);
    else if (kind == '0' && s->state == OPENING) {
        char join[LONGEST - 16];
        const char *ns = s->field[NAMESPACE];
        int length = snprintf(join, sizeof join, "40%s%s%s", ns, *ns ? "," : "", s->field[AUTH]);
        s->state = JOINING;
        write_frame(s, 1, join, (size_t)length);
    } else if (kind == '4' && sort == '0' && s->state == JOINING) {
        if (*s->field[HELLO]) s->state = GREETING, write_event(s, 0, s->field[HELLO], "", "");
        else get_ready(s);
    } else if (kind == '4' && sort == '3') acknowledged(s, text, size);
    else if (kind == '4' && sort == '2') run.deliveries += memmem(text, size, "\"message.created\"", 17) != NULL;
    else if (kind == '4' && (sort == '4' || sort == '1')) bury(s, text, size);
}

static size_t upgraded(Socket *s, char *data, size_t size) { /* bytes of the answer to the handshake; 0: not whole yet */
    char *end = memmem(data, size, "\r\n\r\n", 4);
    if (!end) return 0;
    if (size < 12 || memcmp(data + 9, "101", 3)) bury(s, data, size);
    else s->state = OPENING;
    return (size_t)(end - data) + 4;
}

static size_t one_frame(Socket *s, char *data, size_t size) { /* bytes used, 0 while it is not whole */
    if (size < 2) return 0;
    size_t head = 2, length = data[1] & 127;
    if (length == 126) {
        if (size < 4) return 0;
        length = (size_t)(uint8_t)data[2] << 8 | (uint8_t)data[3], head = 4;
    } else if (length == 127) {
        if (size < 10) return 0;
        for (length = 0; head < 10; head++) length = length << 8 | (uint8_t)data[head];
    }
    if (size < head + length) return 0;
    int opcode = data[0] & 15;
    char after = data[head + length];
    if (opcode == 8) bury(s, data + head + 2, length > 2 ? length - 2 : 0);
    else if (opcode == 9) write_frame(s, 10, data + head, length);
    else if (opcode == 1 && length) packet(s, data + head, length);
    data[head + length] = after;
    return head + length;
}

static void readable(Socket *s) {
    size_t size = s->left_size;
    if (size) memcpy(buffer, s->left, size), free(s->left), s->left = NULL, s->left_size = 0;
    ssize_t got = recv(s->fd, buffer + size, READ, 0);
    if (got <= 0 && !(got < 0 && errno == EAGAIN)) {
        bury(s, "the server closed the line", 26);
        return;
    }
    size += got > 0 ? (size_t)got : 0;
    char *at = buffer;
    while (size && s->state != DEAD) {
        size_t used = s->state == UPGRADING ? upgraded(s, at, size) : one_frame(s, at, size);
        if (!used) break;
        at += used, size -= used;
    }
    if (size && s->state != DEAD) {
        if (size > READ || !(s->left = malloc(size))) give_up("a frame is too large");
        memcpy(s->left, at, s->left_size = size);
    }
}

static void dial(Socket *s) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(s->field[PORT]))};
    struct epoll_event want = {.events = EPOLLIN | EPOLLOUT, .data.ptr = s};
    int on = 1;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if ((s->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)) < 0) give_up("socket");
    setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    s->state = DIALLING;
    dialling++;
    if (connect(s->fd, (struct sockaddr *)&to, sizeof to) < 0 && errno != EINPROGRESS) give_up("connect");
    if (epoll_ctl(poller, EPOLL_CTL_ADD, s->fd, &want) < 0) give_up("epoll");
}

static void dialled(Socket *s) {
    struct epoll_event want = {.events = EPOLLIN, .data.ptr = s};
    char text[2048];
    int size = snprintf(text, sizeof text,
        "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: bG9hZCBnZW5lcmF0b3IhIQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
        s->field[PATH], s->field[PORT]);
    s->state = UPGRADING;
    epoll_ctl(poller, EPOLL_CTL_MOD, s->fd, &want);
    if (send(s->fd, text, (size_t)size, MSG_NOSIGNAL) != size) bury(s, "the server refuses connections", 30);
}

static bool turn(uint64_t until) { /* serve the sockets until there is nothing to do or it is time; true for an order */
    struct epoll_event happened[EVENTS];
    struct itimerspec at = {.it_value = {.tv_sec = (time_t)(until / 1000000), .tv_nsec = (long)(until % 1000000) * 1000}};
    bool ordered = false;
    timerfd_settime(timer, TFD_TIMER_ABSTIME, &at, NULL);
    int n = epoll_wait(poller, happened, EVENTS, -1);
    for (int i = 0; i < n; i++) {
        Socket *s = happened[i].data.ptr;
        if (s == NULL) { /* the timer, which has only to wake us */
            uint64_t ticks;
            if (read(timer, &ticks, sizeof ticks) < 0) continue;
        } else if (s == (Socket *)&run) ordered = true;
        else if (s->state == DIALLING) dialled(s);
        else if (s->state != DEAD) readable(s);
    }
    return ordered;
}

static void read_file(const char *name) {
    FILE *file = fopen(name, "r");
    char *line = NULL;
    size_t room = 0;
    ssize_t size;
    if (!file) give_up(name);
    while ((size = getline(&line, &room, file)) > 0) {
        if (line[size - 1] == '\n') line[size - 1] = 0;
        sockets = realloc(sockets, (size_t)(count + 1) * sizeof *sockets);
        ready = realloc(ready, (size_t)(count + 1) * sizeof *ready);
        Socket *s = &sockets[count++];
        memset(s, 0, sizeof *s);
        char *rest = strdup(line);
        for (int i = 0; i < FIELDS; i++) s->field[i] = strsep(&rest, "\t") ?: "";
    }
    fclose(file);
    free(line);
}

static void hang_up(void) {
    for (int i = 0; i < count; i++)
        if (sockets[i].state != DEAD) close(sockets[i].fd), sockets[i].state = DEAD;
    count = ready_count = next_to_dial = dialling = 0;
}

static void connect_all(const char *name) {
    uint64_t began;
    hang_up(); /* epoll keeps addresses of sockets, so the list grows only while none is open */
    read_file(name);
    began = now();
    while (next_to_dial < count || dialling) {
        while (next_to_dial < count && dialling < at_once) dial(&sockets[next_to_dial++]);
        turn(now() + 1000000);
        if (now() > began + 120000000) break;
    }
    printf("{\"connected\": %d, \"failed\": %d, \"seconds\": %.4f, \"why\": \"%s\"}\n", ready_count,
        count - ready_count, (double)(now() - began) / 1e6, run.why);
}

static int by_size(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}
static double share(double part) { /* of the sorted latencies, in ms */
    return run.counted ? run.took[(size_t)(part * (double)(run.counted - 1))] / 1000.0 : 0;
}

static void speak(int mode, double rate, double seconds, double warm, int fan) {
    uint64_t began = now() + 1000, cpu = 0, i = 0, before = run.deliveries;
    int phase = 0, stride = 61; /* prime: neighbours in time are of different rooms */
    run.mode = mode;
    run.from = began + (uint64_t)(warm * 1e6), run.to = run.from + (uint64_t)(seconds * 1e6);
    if (mode == CLOSED)
        for (int s = 0; s < ready_count; s++) say(&sockets[ready[s]], now());
    for (;;) {
        uint64_t t = now(), next = phase ? run.to : run.from;
        if (!phase && t >= run.from) {
            phase = 1, cpu = read_clock(CLOCK_PROCESS_CPUTIME_ID);
            puts("{\"phase\": \"measuring\"}");
        }
        if (mode == OPEN && ready_count) {
            uint64_t due;
            while ((due = began + (uint64_t)((double)i * 1e6 / rate)) <= t && due < run.to) {
                Socket *s = &sockets[ready[(i++ * (uint64_t)stride) % (uint64_t)ready_count]];
                if (s->state == READY) say(s, due);
            }
            if (due < next) next = due;
        }
        if (t >= run.to) break; /* what was due by then is sent, however late we come to it */
        turn(next);
    }
    cpu = read_clock(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    puts("{\"phase\": \"measured\"}");
    while (now() < run.to + SETTLE_US && (run.answered < run.sent ||
           run.deliveries - before < (run.answered - run.refused) * (uint64_t)fan)) turn(run.to + SETTLE_US);
    qsort(run.took, run.counted, sizeof *run.took, by_size);
    printf("{\"acked\": %llu, \"seconds\": %.4f, \"sent\": %llu, \"unanswered\": %llu, \"refused\": %llu, \"lost\": %llu, "
           "\"deliveries\": %llu, \"expected\": %llu, \"p50\": %.3f, \"p95\": %.3f, \"p99\": %.3f, \"cpu_us\": %.2f, "
           "\"cpu_share\": %.3f, \"why\": \"%s\"}\n",
        (unsigned long long)run.counted, seconds, (unsigned long long)run.sent,
        (unsigned long long)(run.sent - run.answered), (unsigned long long)run.refused, (unsigned long long)run.lost,
        (unsigned long long)(run.deliveries - before), (unsigned long long)(run.answered - run.refused) * (uint64_t)fan,
        share(0.5), share(0.95), share(0.99), run.counted ? (double)cpu / (double)run.counted : 0.0,
        (double)cpu / (seconds * 1e6), run.why);
}

static void listen_for(uint64_t expected, double seconds) {
    uint64_t until = now() + (uint64_t)(seconds * 1e6);
    while (run.deliveries < expected && now() < until) turn(until);
    printf("{\"deliveries\": %llu}\n", (unsigned long long)run.deliveries);
    run.deliveries = 0;
}

static void obey(char *order) {
    char file[1024];
    double rate, seconds, warm, expected;
    int fan;
    bool listens = sscanf(order, "listen %lf %lf", &expected, &seconds) == 2;
    uint64_t heard = run.deliveries; /* those that came before anybody asked belong to `listen` */
    uint32_t *took = run.took;
    size_t room = run.room;
    memset(&run, 0, sizeof run);
    run.took = took, run.room = room;
    if (listens) run.deliveries = heard, listen_for((uint64_t)expected, seconds);
    else if (sscanf(order, "connect %1023s %d", file, &at_once) == 2) connect_all(file);
    else if (sscanf(order, "closed %lf %lf %d", &seconds, &warm, &fan) == 3) speak(CLOSED, 0, seconds, warm, fan);
    else if (sscanf(order, "open %lf %lf %lf %d", &rate, &seconds, &warm, &fan) == 4) speak(OPEN, rate, seconds, warm, fan);
    else if (!strncmp(order, "hangup", 6)) hang_up(), puts("{\"closed\": true}");
    else puts("{\"error\": \"unknown order\"}");
    run.mode = QUIET;
}

int main(void) {
    struct epoll_event tick = {.events = EPOLLIN, .data.ptr = NULL}, order = {.events = EPOLLIN, .data.ptr = &run};
    char line[2048];
    setvbuf(stdout, NULL, _IOLBF, 0);
    setvbuf(stdin, NULL, _IONBF, 0); /* the poller must know of every order */
    epoch = now();
    poller = epoll_create1(0), timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    buffer = malloc(2 * READ + 16);
    if (poller < 0 || timer < 0 || !buffer) give_up("start");
    epoll_ctl(poller, EPOLL_CTL_ADD, timer, &tick);
    epoll_ctl(poller, EPOLL_CTL_ADD, STDIN_FILENO, &order);
    for (;;)
        if (turn(now() + 60000000)) {
            if (!fgets(line, sizeof line, stdin)) return 0;
            obey(line);
        }
}
