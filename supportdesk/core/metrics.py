"""What the desk counts about itself, for Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY = CollectorRegistry(auto_describe=True)

_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

REQUESTS = Histogram(
    "supportdesk_http_seconds",
    "Time to answer a request",
    ["method", "route", "status"],
    registry=REGISTRY,
    buckets=_FAST,
)
SOCKET_EVENTS = Histogram(
    "supportdesk_socket_event_seconds",
    "Time to acknowledge a socket event",
    ["event", "outcome"],
    registry=REGISTRY,
    buckets=_FAST,
)
SOCKETS = Gauge("supportdesk_sockets", "Connected sockets", ["namespace"], registry=REGISTRY)
SOCKETS_CUT = Counter("supportdesk_sockets_cut_total", "Sockets cut by the desk", ["reason"], registry=REGISTRY)
CAUGHT_UP = Counter(
    "supportdesk_caught_up_events_total", "Room events of other processes, told late", registry=REGISTRY
)
UNSENT = Gauge("supportdesk_socket_unsent_bytes", "Bytes waiting for slow readers", registry=REGISTRY)
POOL = Gauge("supportdesk_db_connections", "Database connections", ["lane", "state"], registry=REGISTRY)
POOL_WAITING = Gauge("supportdesk_db_waiting", "Callers waiting for a connection", ["lane"], registry=REGISTRY)
LOOP_LAG = Histogram("supportdesk_loop_lag_seconds", "How late the event loop runs", registry=REGISTRY, buckets=_FAST)
TASKS = Gauge("supportdesk_tasks", "Owned background tasks", registry=REGISTRY)
QUEUES = Gauge("supportdesk_rooms_waiting", "Rooms waiting for a person", ["level"], registry=REGISTRY)
FLIGHTS = Histogram(
    "supportdesk_flight_messages",
    "Messages committed together",
    registry=REGISTRY,
    buckets=(1, 2, 5, 10, 20, 50, 100, 200),
)
FLIGHT_SECONDS = Histogram("supportdesk_flight_seconds", "Time of one flight", registry=REGISTRY, buckets=_FAST)
OUTBOX_AGE = Gauge("supportdesk_outbox_oldest_seconds", "Age of the oldest unsent side effect", registry=REGISTRY)
OUTBOX = Counter("supportdesk_outbox_total", "Side effects tried", ["kind", "outcome"], registry=REGISTRY)
JOBS = Histogram("supportdesk_job_seconds", "Time of a job's run", ["job", "outcome"], registry=REGISTRY)
TURNS = Counter("supportdesk_robot_turns_total", "Robot turns", ["robot", "outcome"], registry=REGISTRY)
FIRST_TOKEN = Histogram(
    "supportdesk_robot_first_token_seconds", "Time to a robot's first word", ["robot"], registry=REGISTRY, buckets=_FAST
)
